/** What every backend that can park does, on the smallest guests: begin, park, go on, end, fail. */
import test from 'ava';
import {
  type Backend,
  type Doorway,
  type Fiber,
  MOST_NATIVE_STACKS,
  type Shape,
  type Stop,
} from '../../src/stacks/backend.ts';
import { PARKING, rig } from './rigs.ts';

const TO_I32: Shape = { params: ['i32'], results: ['i32'] };
const GUEST = `(module
  (import "h" "0" (func $ask (param i32) (result i32)))
  (import "h" "1" (func $wide (param i64 f64) (result i64)))
  (memory (export "memory") 1)
  (global $g (mut i32) (i32.const 0))
  (func (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (call $ask (local.get $n))))
      (global.set $g (i32.add (global.get $g) (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func $deep (export "deep") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (local.get $n) (call $deep (i32.sub (local.get $n) (i32.const 1)))))
      (else (call $ask (i32.const 7)))))
  (func (export "wide") (param i64) (result i64)
    (i64.add (call $wide (local.get 0) (f64.const 0.5)) (call $wide (i64.const 1) (f64.const 2))))
  (func (export "trap") (param i32) (result i32) (drop (call $ask (i32.const 1))) (unreachable))
  (func (export "trap_at_once") (param i32) (result i32) (unreachable))
  (func (export "steps") (result i32) (global.get $g)))`;

/** Doorways that park the fiber on top each time, with these results. */
function doors(stack: { backend?: Backend; fibers: Fiber[] }, result: 'keep' | 'fetch'): Doorway[] {
  const park = () => stack.backend!.park(stack.fibers.at(-1)!, result);
  return [
    {
      ...TO_I32,
      call: (n: number) => {
        park();
        return n;
      },
      fetch: () => 1000,
    },
    {
      params: ['i64', 'f64'],
      results: ['i64'],
      call: (n: bigint, x: number) => {
        park();
        return n + BigInt(x * 2);
      },
      fetch: () => 1n << 40n,
    },
  ];
}

const WIDE: Shape = { params: ['i64'], results: ['i64'] };

async function toTheEnd(backend: Backend, fiber: Fiber): Promise<number> {
  let stops = 1;
  for (let stop: Stop = await backend.run(fiber); stop === 'parked'; stop = await backend.run(fiber)) stops++;
  return stops;
}

for (const name of PARKING) {
  const make = (result: 'keep' | 'fetch') => {
    const stack: { backend?: Backend; fibers: Fiber[] } = { fibers: [] };
    const made = rig(name, GUEST, doors(stack, result), [TO_I32, WIDE]);
    stack.backend = made.backend;
    const create = (entry: string, shape: Shape, ...args: unknown[]) => {
      const fiber = made.backend.create(made.guest(entry), shape, args);
      return fiber;
    };
    const run = async (fiber: Fiber): Promise<Stop> => {
      stack.fibers.push(fiber);
      try {
        return await made.backend.run(fiber);
      } finally {
        stack.fibers.pop();
      }
    };
    return { ...made, stack, create, run };
  };

  test(`${name}: a fiber keeps its place and its results over many stops`, async (t) => {
    const { backend, stack, create } = make('keep');
    const fiber = create('sum', TO_I32, 100);
    stack.fibers.push(fiber);
    t.is(await toTheEnd(backend, fiber), 101);
    t.is(fiber.result, 5050);
  });

  test(`${name}: a result can be fetched when the fiber goes on`, async (t) => {
    const { backend, stack, create } = make('fetch');
    const fiber = create('sum', TO_I32, 3);
    stack.fibers.push(fiber);
    t.is(await toTheEnd(backend, fiber), 4);
    t.is(fiber.result, 3000);
  });

  test(`${name}: 64-bit values pass`, async (t) => {
    const { backend, stack, create } = make('keep');
    const fiber = create('wide', WIDE, 5n);
    stack.fibers.push(fiber);
    await toTheEnd(backend, fiber);
    t.is(fiber.result, 5n + 1n + 1n + 4n);
  });

  test(`${name}: many fibers take turns, and share globals`, async (t) => {
    const { guest, create, run } = make('keep');
    const fibers = Array.from({ length: 50 }, () => create('sum', TO_I32, 10));
    const stops = new Set<Stop>();
    for (let turn = 0; turn < 11; turn++) for (const fiber of fibers) stops.add(await run(fiber));
    t.deepEqual([...stops], ['parked', 'ended']);
    t.true(fibers.every((fiber) => fiber.result === 55));
    t.is(guest('steps')(), 500);
  });

  test(`${name}: a deep stack parks and goes on`, async (t) => {
    const { backend, stack, create } = make('keep');
    const fiber = create('deep', TO_I32, 2000);
    stack.fibers.push(fiber);
    t.is(await toTheEnd(backend, fiber), 2);
    t.is(fiber.result, 2001000 + 7);
  });

  test(`${name}: a trap before and after a stop reaches whoever ran the fiber`, async (t) => {
    const { run, create } = make('keep');
    await t.throwsAsync(run(create('trap_at_once', TO_I32, 1)), { instanceOf: WebAssembly.RuntimeError });
    const fiber = create('trap', TO_I32, 1);
    t.is(await run(fiber), 'parked');
    await t.throwsAsync(run(fiber), { instanceOf: WebAssembly.RuntimeError });
    const after = create('sum', TO_I32, 1);
    t.is(await run(after), 'parked');
    t.is(await run(after), 'ended');
    t.is(after.result, 1);
  });

  test(`${name}: a fiber begins inside a doorway of another, and both park and go on by themselves`, async (t) => {
    const stack: Fiber[] = [];
    let inner: Fiber | undefined;
    let innerStop: Stop | Promise<Stop> | undefined;
    const ask: Doorway = {
      ...TO_I32,
      call: (n: number) => {
        if (n === 2 && inner === undefined) {
          inner = backend.create(guest('sum'), TO_I32, [1]);
          stack.push(inner);
          innerStop = backend.run(inner);
          stack.pop();
        }
        backend.park(stack.at(-1)!, 'keep');
        return n;
      },
      fetch: () => 0,
    };
    const wide: Doorway = { params: ['i64', 'f64'], results: ['i64'], call: () => 0n, fetch: () => 0n };
    const { backend, guest } = rig(name, GUEST, [ask, wide], [TO_I32]);
    if (!backend.nests) {
      t.pass('says that it cannot');
      return;
    }
    const outer = backend.create(guest('sum'), TO_I32, [3]);
    stack.push(outer);
    t.is(await backend.run(outer), 'parked');
    t.is(await backend.run(outer), 'parked');
    t.is(innerStop, 'parked');
    stack.push(inner!);
    t.is(await backend.run(inner!), 'ended');
    t.is(inner!.result, 1);
    stack.pop();
    await toTheEnd(backend, outer);
    t.is(outer.result, 6);
  });

  test(`${name}: a parked fiber can be forgotten`, async (t) => {
    const { backend, run, create } = make('keep');
    for (let i = 0; i < 200; i++) {
      const fiber = create('sum', TO_I32, 5);
      t.is(await run(fiber), 'parked');
      backend.discard(fiber);
    }
    const fresh = create('sum', TO_I32, 1);
    await run(fresh);
    t.is(await run(fresh), 'ended');
  });

  test(`${name}: more fibers than an engine has stacks can be begun and forgotten, one after another`, async (t) => {
    const { backend, run, create } = make('keep');
    for (let i = 0; i < 35_000; i++) {
      const fiber = create('sum', TO_I32, 5);
      await run(fiber);
      backend.discard(fiber);
    }
    t.pass('V8 ends the process when it has no memory for a stack');
  });
}

for (const name of PARKING.filter((each) => each !== 'asyncify')) {
  test(`${name}: so many at once are refused; those of a backend that is closed are gone`, async (t) => {
    const stack: { backend?: Backend; fibers: Fiber[] } = { fibers: [] };
    for (let time = 0; time < 2; time++) {
      const { backend, guest } = rig(name, GUEST, doors(stack, 'keep'), [TO_I32, WIDE]);
      stack.backend = backend;
      const begin = () => {
        const fiber = backend.create(guest('sum'), TO_I32, [1]);
        stack.fibers[0] = fiber;
        return backend.run(fiber);
      };
      for (let i = 0; i < MOST_NATIVE_STACKS; i++) begin();
      t.throws(begin, { code: 'limit' });
      backend.close();
      await new Promise(setImmediate);
    }
  });
}

test('asyncify: a stack that is too deep for its room is said to be, and the module goes on being usable', (t) => {
  const fibers: Fiber[] = [];
  const stack: { backend?: Backend; fibers: Fiber[] } = { fibers };
  const { backend, guest } = rig('asyncify', GUEST, doors(stack, 'keep'), [TO_I32]);
  stack.backend = backend;
  const run = (name: string, n: number) => {
    const fiber = backend.create(guest(name), TO_I32, [n]);
    fibers.push(fiber);
    return backend.run(fiber);
  };
  // Where there is one memory only, a page is all the room; else no recursion gets that far.
  const TWO_MEMORIES = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0);
  if (WebAssembly.validate(TWO_MEMORIES)) t.is(run('deep', 5000), 'parked');
  else t.throws(() => run('deep', 5000), { message: /too deep to be parked: its frames take more than 6\d{4} bytes/ });
  t.is(run('sum', 1), 'parked');
  t.is(backend.run(fibers.at(-1)!), 'ended');
  t.is(fibers.at(-1)!.result, 1);
});
