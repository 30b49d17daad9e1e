/** A trap is shown where it happened in the user's own file: function by function, byte by byte, as the engine shows the original. */
import test from 'ava';
import { duration } from '../../src/clock/instant.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { Frame } from '../../src/scheduler/outcome.ts';
import { wat } from '../support/wat.ts';
import { NS_PER_CYCLE } from './firmware.ts';
import { programs } from './transparent-programs.ts';

const HANDLER = '(func (export "IRQ3_Handler"))';

/** What the bare engine says of the unmodified module. */
function plainFrames(bytes: Uint8Array<ArrayBuffer>, args: readonly string[], machine: Machine): Frame[] {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  try {
    (exports.run as (...args: unknown[]) => unknown)(...args.map(Number));
  } catch (error) {
    const places = [...(error as Error).stack!.matchAll(/wasm-function\[(\d+)\]:0x([0-9a-f]+)/g)];
    return places.map(([, index, offset]) => ({
      function: machine.module.functionName(Number(index)),
      offset: Number.parseInt(offset!, 16),
    }));
  }
  throw new Error('it does not trap');
}

for (const program of programs.filter((each) => each.traps)) {
  for (const [period, granularity] of [undefined, 1, 10, 100].flatMap((period) =>
    (['loop', 'block'] as const).map((each) => [period, each] as const),
  )) {
    const how = `at ${granularity}, interrupted ${period ?? 'never'}`;
    test(`${program.name}: the place of the trap is that of the original, ${how}`, (t) => {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 64;
      try {
        const bytes = wat(`(module ${program.source} ${HANDLER})`);
        const args = program.args ?? [];
        const machine = Machine.load(bytes, { ...NS_PER_CYCLE, invoke: 'run', args, granularity });
        if (period !== undefined) machine.raise(3, { kind: 'every', period: duration(period) });
        const { outcome } = machine.run();
        t.deepEqual(outcome.kind === 'trap' && outcome.backtrace, plainFrames(bytes, args, machine));
      } finally {
        Error.stackTraceLimit = limit;
      }
    });
  }
}

test('a start function and a host call are part of the story, wirq and JavaScript are not', (t) => {
  const bytes = wat(`(module (import "wirq/irq" "enable" (func $enable (param i32)))
    (func $setup (call $enable (i32.const 999))) (func $boot (call $setup) (nop)) (start $boot))`);
  const { outcome } = Machine.load(bytes).run();
  t.is(outcome.kind, 'trap');
  const frames = outcome.kind === 'trap' ? outcome.backtrace : [];
  t.deepEqual(
    frames.map((frame) => frame.function),
    ['setup', 'boot'],
  );
});
