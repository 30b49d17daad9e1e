/** Interrupts from other threads of a program that uses the library: none is lost, whoever rings, and sleepers wake up. */
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Doorbell } from '../../src/host/doorbell.ts';
import { wallTime } from '../../src/host/wall-clock.ts';
import { Machine } from '../../src/machine/machine.ts';
import { wat } from '../support/wat.ts';

const RAISES = (doorbell: string) => `
  import { workerData } from 'node:worker_threads';
  import { Doorbell } from ${JSON.stringify(doorbell)};
  const bell = new Doorbell(workerData.buffer);
  for (let n = 0; n < workerData.posts; n++) bell.pend(n & 7);
  bell.pend(workerData.last);`;

/** A thread that raises lines 0 … 7 as fast as it can, and then its own last one. */
function raise(bell: Doorbell, posts: number, last: number): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const { href } = new URL(`../../src/host/doorbell.${extension}`, import.meta.url);
  const code = new URL(`data:text/javascript,${encodeURIComponent(RAISES(href))}`);
  return new Worker(code, { workerData: { buffer: bell.buffer, posts, last } });
}

const handlers = Array.from({ length: 8 }, (_, line) => `(export "IRQ${line}_Handler" (func $count))`).join(' ');

for (const [how, wait] of [
  ['spins', ''],
  ['sleeps', '(call $wfi)'],
] as const) {
  test(`a guest that ${how} is interrupted by two threads at once, and nothing is lost`, async (t) => {
    const bell = new Doorbell();
    const firmware = wat(`(module (import "wirq/irq" "wfi" (func $wfi)) (memory 1)
      (func $count (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))) ${handlers}
      (func (export "IRQ8_Handler") (i32.store8 (i32.const 4) (i32.const 1)))
      (func (export "IRQ9_Handler") (i32.store8 (i32.const 5) (i32.const 1)))
      (func (export "main") (loop $l ${wait} (br_if $l (i32.ne (i32.load16_u (i32.const 4)) (i32.const 0x0101))))))`);
    const machine: Machine = Machine.load(firmware, {
      realTime: wallTime({ doorbell: { bell, raise: (line) => machine.raise(line) } }),
    });
    const threads = [raise(bell, 50_000, 8), raise(bell, 50_000, 9)];
    const { lines } = machine.run();
    const total = (of: 'raised' | 'delivered' | 'coalesced') => lines.reduce((sum, line) => sum + line[of], 0);
    t.is(total('raised'), 100_002);
    t.is(total('delivered') + total('coalesced'), 100_002);
    await Promise.all(threads.map((thread) => thread.terminate()));
  });
}

test('only lines can be raised, and only by a bell', (t) => {
  const bell = new Doorbell();
  for (const line of [-1, 240, 1.5, Number.NaN]) t.throws(() => bell.pend(line), { message: /no interrupt line/ });
  t.throws(() => new Doorbell(new SharedArrayBuffer(4)), { message: /no doorbell's buffer/ });
});
