/**
 * Interrupts are invisible: whatever a program computes, returns, leaves in memory and globals, or traps with, is what
 * the unmodified module computes on the bare engine, no matter how often and where it is interrupted.
 */
import test from 'ava';
import { duration } from '../../src/clock/instant.ts';
import { Machine } from '../../src/machine/machine.ts';
import { wat } from '../support/wat.ts';
import { NS_PER_CYCLE } from './firmware.ts';
import { type Program, programs } from './transparent-programs.ts';

/** What can be seen of a run from outside. */
interface Observation {
  readonly returned: readonly (number | bigint)[];
  readonly trap: string | undefined;
  readonly memory: string | undefined;
  readonly globals: Readonly<Record<string, number>>;
}

const GLOBALS = ['a', 'b'];

/** Does nothing at all, so that it takes no machine time and can come at every safepoint. */
const EMPTY = '(func (export "IRQ3_Handler"))';
/** Works with everything that it must leave alone: locals of all types, operands, a loop, calls. */
const BUSY = `
  (func (export "IRQ3_Handler") (param $line i32) (local $i i32) (local $x f64) (local $y i64) (local $z f32)
    (loop $again
      (local.set $x (f64.add (local.get $x) (f64.sqrt (f64.convert_i32_u (local.get $i)))))
      (local.set $y (i64.mul (i64.add (local.get $y) (i64.const 7)) (i64.const 0x123456789)))
      (local.set $z (f32.div (f32.const 1) (f32.add (local.get $z) (f32.const 3))))
      (local.set $i (i32.add (local.get $i) (call $handler_step (local.get $line))))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 2)))))
  (func $handler_step (param i32) (result i32) (i32.sub (local.get 0) (i32.const 2)))`;

function plain(program: Program, bytes: Uint8Array<ArrayBuffer>): Observation {
  const host = Object.fromEntries(Object.entries(program.host ?? {}).map(([name, { call }]) => [name, call]));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host });
  let returned: unknown;
  let trap: string | undefined;
  try {
    returned = (exports.run as (...args: unknown[]) => unknown)(...(program.args ?? []).map(Number));
  } catch (error) {
    trap = (error as Error).message;
  }
  const memory = exports.memory as WebAssembly.Memory | undefined;
  const values = Array.isArray(returned) ? returned : returned === undefined ? [] : [returned];
  const globals = GLOBALS.filter((name) => name in exports);
  return {
    returned: values,
    trap,
    memory: memory && Buffer.from(memory.buffer).toString('latin1'),
    globals: Object.fromEntries(globals.map((name) => [name, (exports[name] as WebAssembly.Global).value >>> 0])),
  };
}

function inMachine(program: Program, bytes: Uint8Array, interrupt: (machine: Machine) => void) {
  const machine = Machine.load(bytes, {
    ...NS_PER_CYCLE,
    invoke: 'run',
    args: program.args ?? [],
    maxInstructions: 1_000_000, // no program comes near: a handler that takes longer than its period would starve it
    ...(program.host === undefined ? {} : { imports: { host: program.host } }),
  });
  interrupt(machine);
  const { outcome, returned, instructions } = machine.run();
  const exported = (kind: string) =>
    machine.module.exports.filter((each) => each.kind === kind).map(({ name }) => name);
  const hasMemory = exported('memory').includes('memory');
  const seen: Observation = {
    returned,
    trap: outcome.kind === 'trap' ? outcome.message : undefined,
    memory: hasMemory ? memoryOf(machine) : undefined,
    globals: Object.fromEntries(
      GLOBALS.filter((name) => exported('global').includes(name)).map((name) => [name, machine.addressOf(name)]),
    ),
  };
  return { seen, instructions, delivered: machine.delivered(3) };
}

function memoryOf(machine: Machine): string {
  let pages = 1;
  for (; ; pages++) {
    try {
      machine.readMemory(pages * 65536, 1);
    } catch {
      return Buffer.from(machine.readMemory(0, pages * 65536)).toString('latin1');
    }
  }
}

for (const program of programs) {
  for (const [kind, handler] of [
    ['an empty', EMPTY],
    ['a busy', BUSY],
  ] as const) {
    test(`${program.name}: interrupted by ${kind} handler, it is as if it were not`, (t) => {
      const bytes = wat(`(module ${program.source} ${handler})`);
      const expected = plain(program, bytes);
      t.is(expected.trap !== undefined, program.traps === true, 'the program does what its description says');
      const quiet = inMachine(program, bytes, () => {});
      t.deepEqual(quiet.seen, expected, 'uninterrupted');
      const middle = Math.max(1, quiet.instructions >> 1);
      const once = inMachine(program, bytes, (m) => m.raise(3, { kind: 'instruction', count: middle }));
      t.deepEqual(once.seen, expected, `interrupted once, at ${middle}`);
      t.is(once.delivered, 1);
      const often = inMachine(program, bytes, (m) => m.raise(3, { kind: 'every', period: duration(100) }));
      t.deepEqual(often.seen, expected, 'interrupted every 100 instructions');
      t.true(often.delivered >= Math.floor(quiet.instructions / 200));
    });
  }

  test(`${program.name}: interrupted at every safepoint, it is as if it were not`, (t) => {
    const bytes = wat(`(module ${program.source} ${EMPTY})`);
    const expected = plain(program, bytes);
    const quiet = inMachine(program, bytes, () => {});
    const always = inMachine(program, bytes, (m) => m.raise(3, { kind: 'every', period: duration(1) }));
    t.deepEqual(always.seen, expected);
    // A handler of no instructions costs none; but loops may be charged some rounds ahead, and a trap forgets the last.
    if (!program.traps)
      t.true(Math.abs(always.instructions - quiet.instructions) <= 100, 'an empty handler costs nothing');
    t.true(always.delivered > 2, `${always.delivered} safepoints were interrupted`);
  });

  test(`${program.name}: interrupted once, at whichever instruction, it is as if it were not`, (t) => {
    const bytes = wat(`(module ${program.source} ${BUSY})`);
    const expected = plain(program, bytes);
    const quiet = inMachine(program, bytes, () => {});
    const end = program.traps ? 700 : quiet.instructions;
    t.true(end > 50, `${end} instructions`);
    const stride = Math.max(1, Math.floor(end / 150));
    for (let count = 0; count < end; count += stride) {
      const once = inMachine(program, bytes, (m) => m.raise(3, { kind: 'instruction', count }));
      t.deepEqual(once.seen, expected, `at instruction ${count}`);
    }
  });
}
