/** The handler stack over a bare memory and a pretended stack pointer: addresses, alignment, canary, mark. */
import test from 'ava';
import fc from 'fast-check';
import { HandlerStack, MIN_BYTES, stackRegion } from '../../src/stacks/handler-stack.ts';

const PAGE = 65536;

function bench(low: number, bytes: number | undefined) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
  const pointer = {
    value: 4096,
    get: () => pointer.value,
    set: (address: number) => {
      pointer.value = address;
    },
  };
  const region = bytes === undefined ? undefined : stackRegion(memory, low, bytes, 'declared');
  const stack = new HandlerStack(memory, pointer, region);
  const write = (from: number, to: number) => new Uint8Array(memory.buffer).fill(1, from, to);
  return { memory, pointer, stack, region, write };
}

test('a region lies in memory, is aligned inwards, and is large enough, or is none', (t) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  fc.assert(
    fc.property(
      fc.integer({ min: -20, max: PAGE + 20 }),
      fc.oneof(fc.nat(2 * PAGE), fc.nat(0xffff_ffff)),
      (address, bytes) => {
        const region = stackRegion(memory, address, bytes, 'allocated');
        const low = Math.ceil(address / 16) * 16;
        const high = Math.floor((address + bytes) / 16) * 16;
        const fits = address > 0 && high <= PAGE && high - low >= MIN_BYTES;
        if (!fits) return region === undefined;
        return region?.low === low && region.high === high;
      },
    ),
    { numRuns: 1000 },
  );
  t.pass();
});

test('a region above 2 GiB is one like others', (t) => {
  const memory = { buffer: { byteLength: 2 ** 32 } } as WebAssembly.Memory;
  t.like(stackRegion(memory, 0x9000_0008, 4096, 'allocated'), { low: 0x9000_0010, high: 0x9000_1000 });
});

test('the first handler begins at the top, nested ones below the red zone of the one they interrupt', (t) => {
  const { pointer, stack } = bench(8192, 1024);
  t.is(stack.enter(), 4096);
  t.is(pointer.value, 9216);
  pointer.value -= 70;
  t.is(stack.enter(), 9146);
  t.is(pointer.value, (9146 - 128) & -16);
  stack.leave(9146);
  t.is(pointer.value, 9146);
  stack.leave(4096);
  t.is(pointer.value, 4096);
});

test('the mark is the lowest word ever written, and the canary the last 16', (t) => {
  const { stack, write, memory } = bench(8192, 1024);
  t.is(stack.highWaterMark, 0);
  t.is(stack.bytes, 1024);
  stack.enter();
  write(9216 - 101, 9216 - 50);
  t.is(stack.highWaterMark, 104);
  write(8208, 8209);
  t.notThrows(() => stack.leave(4096));
  t.is(stack.highWaterMark, 1008);
  memory.grow(1);
  stack.enter();
  write(8207, 8208);
  t.throws(() => stack.leave(4096), { code: 'stack-overflow', message: /overran its stack of 1024 bytes/ });
  t.is(stack.highWaterMark, 1012);
});

test('without a region the interrupted stack is used, unmeasured', (t) => {
  const { stack, pointer, memory } = bench(0, undefined);
  t.deepEqual([stack.origin, stack.bytes, stack.highWaterMark], ['shared', undefined, undefined]);
  stack.enter();
  t.is(pointer.value, 4096 - 128);
  stack.leave(4096);
  t.true(
    new Uint8Array(memory.buffer).every((byte) => byte === 0),
    'nothing is painted',
  );
});
