/**
 * A recorded run, replayed: the same events at the same moments, the same output, the same digest, whatever came from outside.
 * Real time is the test's own: it passes in steps of all sizes, and things arrive when it says.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { RealTime } from '../../src/clock/real-time.ts';
import { openPreopen } from '../../src/host/directory.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import type { DeviceBoard, UserDevice } from '../../src/machine/user-devices.ts';
import { recordMachine } from '../../src/trace/record-machine.ts';
import { asyncify } from '../stacks/machines.ts';
import { cleanUp, folderWith } from '../support/cli.ts';
import { fixture } from '../support/root.ts';
import { wat } from '../support/wat.ts';
import { chance } from './chance.ts';
import { type Play, type Recorded, record, replay, together } from './recorded.ts';

test.after.always(cleanUp);

type Given = Parameters<typeof replay>[1];

/** Records the run, and replays it twice. */
async function repeats(
  t: ExecutionContext,
  module: string | Uint8Array,
  options: MachineOptions,
  play: Play & { given?: Given } = {},
): Promise<Recorded> {
  const bytes = typeof module === 'string' ? wat(module) : module;
  const recorded = await record(bytes, options, play);
  for (let time = 0; time < 2; time++) {
    const replayed = await replay(recorded.recording, play.given);
    t.deepEqual(replayed.log, recorded.log);
    t.is(replayed.digest, recorded.digest);
    t.is(replayed.output, recorded.output);
    t.deepEqual(replayed.result, recorded.result);
  }
  return recorded;
}

/** Time goes on whenever somebody looks; `arrive` says what comes, now and then, as long as it is told to. */
function unsteadyTime(seed: number, arrive?: (any: (below: number) => number) => boolean): RealTime {
  const any = chance(seed);
  let now = 0;
  let open = arrive !== undefined;
  let rung = false;
  return {
    nowNs: () => {
      now += any(20_000) + 0.5;
      return now;
    },
    rest: (ns) => {
      now += Math.min(ns ?? 50_000, any(50_000));
    },
    outside: {
      get open() {
        return open;
      },
      get rung() {
        rung = open && any(4) === 0;
        return rung;
      },
      take: () => {
        open = arrive!(any);
      },
    },
  };
}

const SPINS = `(module (memory (export "memory") 1)
  (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "main") (result i32)
    (loop $l (br_if $l (i32.lt_u (i32.load (i32.const 0)) (i32.const 5))))
    (i32.load (i32.const 0))))`;

test('real time, by a clock that nobody can foresee', async (t) => {
  const every = (machine: Machine) => machine.at(undefined, () => machine.raise(3), { every: '20us' });
  const { result } = await repeats(t, SPINS, { realTime: unsteadyTime(1) }, { prepare: every });
  t.true(result.exitCode >= 5);
});

test('virtual time, with interrupts by time, instruction and function', async (t) => {
  await repeats(
    t,
    SPINS,
    { irqs: { BUTTON: 3 }, seed: 7, granularity: 'block', maskFunctions: ['nothing*'] },
    {
      prepare: (machine) => {
        machine.raise('BUTTON', '20us');
        machine.raise(3, { kind: 'instruction', count: 1000 });
        machine.raise(3, { kind: 'function', name: 'IRQ3_Handler', entry: 1 });
        machine.raise(3, { kind: 'every', period: 30_000 as never });
      },
    },
  );
});

test('a script, which a replay does not need', async (t) => {
  const { result } = await repeats(
    t,
    SPINS,
    {},
    {
      script: (machine) =>
        function* () {
          for (let i = 0; i < 4; i++) {
            yield machine.delay('1ms');
            if (machine.now > 1000) machine.raise(3);
            yield machine.untilDelivered(3, i + 1, { timeout: '1ms' });
          }
          try {
            yield machine.untilPin(4, 1, { timeout: '10us' });
          } catch {
            machine.logExpectation('pin 4', false, '1', '0');
          }
          machine.at('6ms', () => machine.raise(3));
          yield machine.untilEnd();
        },
    },
  );
  t.is(result.exitCode, 5);
});

/** A recording of a run that threw. */
function recordThrowing(bytes: Uint8Array, options: MachineOptions, act: (machine: Machine) => void) {
  const chunks: Uint8Array[] = [];
  const { machine, close } = recordMachine(bytes, options, { write: (chunk) => chunks.push(chunk) });
  try {
    act(machine);
  } finally {
    close();
  }
  return together(chunks);
}

test('what a script throws its replay throws', async (t) => {
  const recording = recordThrowing(wat(SPINS), {}, (machine) => {
    const script = function* () {
      yield machine.delay('1ms');
      throw new RangeError('of my own');
    };
    t.throws(() => machine.run(script), { message: 'of my own' });
  });
  await t.throwsAsync(replay(recording), { message: 'of my own', instanceOf: RangeError });
});

/** Says what it reads from port 0, byte by byte, and asks for the time now and then; ends with the byte 4. */
const ECHO = `(module
  (import "wirq/board" "uart_read" (func $read (param i32 i32 i32) (result i32)))
  (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
  (import "wirq/board" "now" (func $now (result i64)))
  (import "wirq/irq" "wfi" (func $wfi))
  (memory (export "memory") 1)
  (func (export "IRQ5_Handler") (local $n i32)
    (local.set $n (call $read (i32.const 0) (i32.const 64) (i32.const 8)))
    (i64.store (i32.const 80) (call $now))
    (drop (call $write (i32.const 0) (i32.const 64) (local.get $n)))
    (drop (call $write (i32.const 0) (i32.const 80) (i32.const 8)))
    (if (i32.eq (i32.load8_u (i32.sub (i32.add (i32.const 64) (local.get $n)) (i32.const 1))) (i32.const 4))
      (then (i32.store (i32.const 0) (i32.const 1)))))
  (func (export "IRQ3_Handler") (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (i32.const 1))))
  (func (export "main") (result i32)
    (loop $l (call $wfi) (br_if $l (i32.eqz (i32.load (i32.const 0)))))
    (i32.load (i32.const 4))))`;

test('what arrives in real time: input, interrupts, pins, signals', async (t) => {
  let machine!: Machine;
  let left = 12;
  const arrive = (any: (below: number) => number): boolean => {
    switch (any(4)) {
      case 0:
        machine.writeSerial('abc'.slice(any(3)));
        break;
      case 1:
        machine.raise(3);
        break;
      case 2:
        machine.setPin(any(8), any(2) as 0 | 1);
        break;
      default:
        machine.signal('SIGWINCH');
        break;
    }
    if (--left === 0) machine.writeSerial(Uint8Array.of(4));
    return left > 0;
  };
  const { log } = await repeats(
    t,
    ECHO,
    { realTime: unsteadyTime(5, arrive) },
    {
      prepare: (made) => {
        machine = made;
      },
    },
  );
  t.true(log.some((line) => line.includes('"kind":"uart-rx"')) && log.some((line) => line.includes('"kind":"signal"')));
});

test('random arrivals at random times replay to the same digest', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 40 }), async (seed, arrivals) => {
      let machine!: Machine;
      let left = arrivals;
      const arrive = (any: (below: number) => number): boolean => {
        for (let each = any(3); each >= 0; each--) {
          if (any(2) === 0) machine.raise(3 + any(2), any(2) === 0 ? undefined : machine.now + any(90_000));
          else machine.writeSerial(Uint8Array.of(97 + any(20)));
        }
        if (--left === 0) machine.writeSerial(Uint8Array.of(4));
        return left > 0;
      };
      const options = { realTime: { ...unsteadyTime(seed, arrive), ratio: 0.5 + (arrivals % 5) } };
      const prepare = (made: Machine) => {
        machine = made;
      };
      const recorded = await record(wat(ECHO), options, { prepare });
      t.is((await replay(recorded.recording)).digest, recorded.digest);
    }),
    { numRuns: 60 },
  );
});

test('standard input as it came, and files as they were', async (t) => {
  const folder = folderWith({ 'in/a.txt': 'hello', 'in/b.txt': 'there' });
  const tour = fixture('tests/guests/programs/wasi-tour.wasm');
  const preopens = [openPreopen(`${join(folder, 'in')}::/data`)];
  const pieces = ['first line\n', '', 'second\n'];
  const stdin = () => {
    const next = pieces.shift();
    return next === undefined ? undefined : new TextEncoder().encode(next);
  };
  for (const args of [
    ['env', 'terminal', 'nap', 'clocks', 'draw'],
    ['input'],
    ['list', 'files', 'list', 'nap', 'list'],
  ]) {
    const realTime = args.includes('files') ? unsteadyTime(4) : undefined;
    const options: MachineOptions = { args, preopens, stdin, env: { HOME: '/data' }, realTime };
    const recorded = await record(tour, options);
    t.is(recorded.result.outcome.kind, 'exit');
    // Nothing that was there is there any more.
    rmSync(join(folder, 'in'), { recursive: true });
    const replayed = await replay(recorded.recording);
    t.is(replayed.output, recorded.output, args.join(' '));
    t.is(replayed.digest, recorded.digest, args.join(' '));
    mkdirSync(join(folder, 'in'), { recursive: true });
  }
});

/** Beeps at times of its own. */
class Beeper implements UserDevice {
  #beeps = 0;

  constructor(board: DeviceBoard) {
    const random = board.random('beeps');
    const alarm = board.alarm(() => {
      this.#beeps += board.now() > 0 ? 1 : 0;
      board.pend(board.line(3), 'beeper');
      alarm.after(1000 + (random() % 40_000));
    });
    alarm.after(1000);
  }

  account() {
    return { beeps: this.#beeps };
  }
}

test("a device of one's own, in real time, which the replay is given again", async (t) => {
  const devices = { beeper: Beeper };
  const { result } = await repeats(t, SPINS, { devices, realTime: unsteadyTime(2) }, { given: { devices } });
  t.true(result.devices.beeper!.beeps! >= 5);
});

test('much that is read at once', async (t) => {
  const reads = `(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 400)
    (func (export "_start")
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 20000000))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call $exit (i32.load8_u (i32.add (i32.const 1023) (i32.load (i32.const 8)))))))`;
  let left = true;
  const stdin = (max: number) => {
    if (max < 2) return Uint8Array.of(1);
    const bytes = left ? new Uint8Array(max).fill(7) : undefined;
    left = false;
    return bytes;
  };
  const { result, recording } = await repeats(t, reads, { stdin });
  t.is(result.exitCode, 7);
  t.true(recording.length > 200_000);
});

const HOSTED = `(module
  (import "host" "roll" (func $roll (param i32) (result i32)))
  (import "host" "fill" (func $fill (param i32 i32)))
  (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1 4)
  (func (export "IRQ3_Handler") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  (func (export "twice") (param i32) (result i32)
    (i32.store (i32.const 8) (i32.mul (local.get 0) (i32.const 2)))
    (i32.load (i32.const 8)))
  (func (export "main") (result i32) (local $i i32)
    (loop $l
      (call $fill (i32.const 64) (i32.const 16))
      (drop (call $write (i32.const 0) (i32.const 64) (i32.const 16)))
      (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (call $roll (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 5))))
    (i32.add (i32.load (i32.const 4)) (i32.load (i32.const 0)))))`;

test('host functions: what they gave, wrote to memory, called and did to the machine', async (t) => {
  const any = chance(9);
  let machine!: Machine;
  const imports: MachineOptions['imports'] = (guest) => ({
    host: {
      roll: (n: number) => {
        machine.raise(3);
        return (guest.function('twice')!(n + any(50)) as number) + any(10);
      },
      fill: (at: number, length: number) => {
        const memory = guest.memory()!;
        if (any(3) === 0) memory.grow(1);
        for (let i = 0; i < length; i++) new Uint8Array(memory.buffer)[at + i] = 97 + any(26);
      },
    },
  });
  const { result } = await repeats(
    t,
    HOSTED,
    { imports },
    {
      prepare: (made) => {
        machine = made;
      },
    },
  );
  t.true(result.exitCode > 5);
});

test('what a host function throws its replay throws', async (t) => {
  const roll = () => {
    throw new Error('no dice');
  };
  const recording = recordThrowing(wat(HOSTED), { imports: { host: { roll, fill: () => {} } } }, (machine) => {
    t.throws(() => machine.run(), { message: 'no dice' });
  });
  await t.throwsAsync(replay(recording), { message: 'no dice' });
});

const AWAITS = `(module
  (import "host" "get" (func $get (param i32) (result i32)))
  (import "host" "put" (func $put (param i32) (result i32)))
  (import "wirq/task" "spawn" (func $spawn (param i32 i32 i32) (result i32)))
  (import "wirq/task" "join" (func $join (param i32) (result i32)))
  (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (table (export "__indirect_function_table") 2 funcref) (elem (i32.const 1) $task)
  (global $__stack_pointer (mut i32) (i32.const 60000))
  (func $task (param i32)
    (i32.store (i32.const 4) (i32.add (call $get (local.get 0)) (i32.load (i32.const 4)))))
  (func (export "_start") (local $a i32) (local $b i32)
    (local.set $a (call $spawn (i32.const 1) (i32.const 3) (i32.const 1)))
    (local.set $b (call $spawn (i32.const 1) (i32.const 4) (i32.const 1)))
    (drop (call $put (i32.const 64)))
    (drop (call $join (local.get $a)))
    (drop (call $join (local.get $b)))
    (drop (call $get (i32.const -1)))
    (drop (call $write (i32.const 0) (i32.const 4) (i32.const 4)))
    (drop (call $write (i32.const 0) (i32.const 64) (i32.const 8)))))`;

for (const stacks of ['auto', 'asyncify'] as const) {
  test(`promises on stacks by ${stacks}: what they gave, and when it met the guest`, async (t) => {
    const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const imports: MachineOptions['imports'] = (guest) => ({
      host: {
        get: {
          signature: 'i>i',
          async: { latency_ns: 30_000, rejected: -7 },
          call: async (n: number) => {
            await later(n > 0 ? 4 - n : 1);
            if (n < 0) throw new Error('none');
            return n * 3;
          },
        },
        put: {
          signature: 'i>i',
          async: {},
          call: async (at: number) => {
            await later(1);
            new Uint8Array(guest.memory()!.buffer).set([1, 2, 3, 4, 5, 6, 7, 8], at);
            return 0;
          },
        },
      },
    });
    // Recorded on one kind of stacks, it replays on any other.
    const { output, log } = await repeats(t, AWAITS, { imports, stacks, asyncify }, { given: { asyncify } });
    t.is(output, '\x15\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08');
    t.true(log.some((line) => line.includes('"kind":"settle"')));
  });
}

test('traps, resets and limits', async (t) => {
  const trap = `(module (memory 1) (func $deep unreachable) (func (export "main") (call $deep)))`;
  t.is((await repeats(t, trap, { file: 'some/trap.wasm' })).result.outcome.kind, 'trap');
  const reset = `(module (import "wirq/irq" "system_reset" (func $reset)) (import "wirq/board" "reset_cause" (func $cause (result i32)))
    (memory 1) (func (export "main") (result i32) (if (i32.eqz (call $cause)) (then (call $reset))) (call $cause)))`;
  t.is((await repeats(t, reset, {})).result.resets.count, 1);
  const forever = '(module (func (export "main") (loop $l (br $l))))';
  t.is((await repeats(t, forever, { timeout: '1ms' })).result.outcome.kind, 'timeout');
  t.is((await repeats(t, forever, { maxInstructions: 5000 })).result.outcome.kind, 'timeout');
  let ms = 0;
  const wall = { nowMs: () => (ms += 3), limitMs: 100 };
  const { result } = await repeats(t, forever, { wall });
  t.like(result.outcome, { kind: 'timeout', limit: 'wall' });
  ms = 0;
  t.like((await repeats(t, forever, { wall, realTime: unsteadyTime(3) })).result.outcome, { limit: 'wall' });
});
