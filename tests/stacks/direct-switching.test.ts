/** Where the engine switches stacks, the guest goes from one of its stacks to another without asking the host. */
import test from 'ava';
import type { Doorway, Shape } from '../../src/stacks/backend.ts';
import type { JspiBackend } from '../../src/stacks/jspi.ts';
import { PAINT } from '../../src/stacks/shadow-stack.ts';
import type { WasmfxBackend } from '../../src/stacks/wasmfx.ts';
import { PARKING, rig } from './rigs.ts';

const COUNT = 50;
const TO_I32: Shape = { params: ['i32'], results: ['i32'] };
/** Two loops that go to each other; each adds the stack pointer that it finds to what it returns. */
const GUEST = `(module
  (import "h" "0" (func $switch (param i32)))
  (memory (export "memory") 1)
  (global $sp (export "pointer") (mut i32) (i32.const 4096))
  (func (export "home") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (call $switch (i32.const 1))
      (local.set $sum (i32.add (local.get $sum) (global.get $sp)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "side") (param i32) (result i32) (loop $l (call $switch (i32.const 0)) (br $l)) (unreachable)))`;

for (const name of PARKING.filter((each) => each !== 'asyncify')) {
  const make = () => {
    const asked: number[] = [];
    const door: Doorway = {
      params: ['i32'],
      results: [],
      call: (to: number) => {
        asked.push(to);
        backend.park(backend.direct!.running!, 'keep');
      },
      fetch: () => undefined,
      switches: true,
    };
    const { backend: made, guest } = rig(name, GUEST, [door], [TO_I32]);
    const backend = made as JspiBackend | WasmfxBackend;
    const memory = guest('memory') as unknown as WebAssembly.Memory;
    backend.connect({ memory, pointer: guest('pointer') as unknown as WebAssembly.Global });
    const home = backend.create(guest('home'), TO_I32, [COUNT]);
    const side = backend.create(guest('side'), TO_I32, [0]);
    const direct = backend.direct!;
    direct.number(side, 1);
    side.pointer = 8192;
    side.canary = 512;
    new Int32Array(memory.buffer).fill(PAINT, 128, 132);
    /** Both have begun and asked once, and the second is nobody's. */
    const begin = async () => {
      await backend.run(home);
      await backend.run(side);
      direct.allow(home);
      home.pointer = 4096;
      side.open = true;
    };
    return { asked, backend, direct, home, side, memory, begin };
  };

  test(`${name}: two stacks go to each other, each on its own stack pointer, and the host is not asked`, async (t) => {
    const { asked, backend, direct, home, begin } = make();
    await begin();
    t.deepEqual(asked, [1, 0]);
    t.is(await backend.run(home), 'ended');
    t.deepEqual(asked, [1, 0]);
    t.is(direct.stopped, home);
    t.is(home.result, COUNT * 4096);
    backend.close();
  });

  test(`${name}: where the guest may not, or the other is another's, the host is asked`, async (t) => {
    const { asked, backend, direct, home, side, begin } = make();
    await begin();
    direct.allow(undefined);
    t.is(await backend.run(home), 'parked');
    direct.allow(home);
    side.open = false;
    t.is(await backend.run(home), 'parked');
    t.deepEqual(asked, [1, 0, 1, 1]);
    backend.close();
  });

  test(`${name}: a stack whose canary is gone is not left behind the host's back`, async (t) => {
    const { backend, direct, home, side, memory, begin } = make();
    await begin();
    new Int32Array(memory.buffer)[131] = 0;
    t.is(await backend.run(home), 'parked');
    t.is(direct.stopped, side);
    backend.close();
  });

  test(`${name}: nothing is left of a stack that was freed, nor of one that never began`, async (t) => {
    const { asked, backend, home, side, begin } = make();
    await begin();
    backend.discard(side);
    t.is(await backend.run(home), 'parked');
    t.deepEqual(asked, [1, 0, 1]);
    const next = backend.create(() => 0, TO_I32, [0]);
    backend.discard(next);
    const again = backend.create(() => 0, TO_I32, [0]);
    t.is((again as unknown as { slot: number }).slot, (next as unknown as { slot: number }).slot);
    backend.close();
  });
}

test('asyncify: the host is asked each time, for only it can unwind the one and rewind the other', async (t) => {
  const asked: number[] = [];
  const call = (to: number) => {
    asked.push(to);
    backend.park(to === 1 ? home : side, 'keep');
  };
  const door: Doorway = { params: ['i32'], results: [], call, fetch: () => undefined, switches: true };
  const { backend, guest } = rig('asyncify', GUEST, [door], [TO_I32]);
  const home = backend.create(guest('home'), TO_I32, [2]);
  const side = backend.create(guest('side'), TO_I32, [0]);
  t.is(backend.direct, undefined);
  for (const fiber of [home, side, home, side]) t.is(await backend.run(fiber), 'parked');
  t.is(await backend.run(home), 'ended');
  t.deepEqual(asked, [1, 0, 1, 0]);
  t.is(home.result, 2 * 4096);
  backend.close();
});
