/** Goal: a trap names the line of the user's source, wherever the rewriter and interrupts have put the code. */
import test from 'ava';
import { duration } from '../../src/clock/instant.ts';
import { inspectModule } from '../../src/machine/inspection.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import type { Frame } from '../../src/scheduler/outcome.ts';
import { assemblyScriptWithMap } from '../support/assemblyscript.ts';
import { fixture } from '../support/root.ts';
import { wat } from '../support/wat.ts';

function backtraceOf(
  bytes: Uint8Array,
  options: MachineOptions,
  prepare?: (machine: Machine) => void,
): readonly Frame[] {
  const machine = Machine.load(bytes, { invoke: 'check', ...options });
  prepare?.(machine);
  const { outcome } = machine.run();
  return outcome.kind === 'trap' ? outcome.backtrace : [];
}

for (const version of [4, 5]) {
  const bytes = fixture(`tests/wasm/programs/sensor-dwarf${version}.wasm`);

  test(`DWARF ${version}: the division stands in the header, its caller in the source`, (t) => {
    const frames = backtraceOf(bytes, { args: ['3'] });
    t.deepEqual(
      frames.map(({ function: name, source }) => [name, source]),
      [
        ['average', { file: 'tests/wasm/programs/sensor.h', line: 17, column: 15 }],
        ['check', { file: `tests/wasm/programs/sensor-dwarf${version}.c`, line: 7, column: 16 }],
      ],
    );
  });

  test(`DWARF ${version}: inspect tells`, (t) => {
    const { debugInformation, warnings } = inspectModule(bytes);
    t.deepEqual(debugInformation, { dwarf: { versions: [version], functions: 4 }, sourceMap: undefined });
    t.deepEqual(warnings, []);
  });
}

test('bad debug information is none, and inspect warns', (t) => {
  const bytes = fixture('tests/wasm/programs/sensor-dwarf5.wasm');
  const { module } = Machine.load(bytes);
  const section = module.sections.find(({ name }) => name === '.debug_line')!;
  bytes[section.body + 4] = 77; // the version
  const frames = backtraceOf(bytes, { args: ['3'] });
  t.deepEqual(
    frames.map((frame) => Object.keys(frame)),
    [
      ['function', 'offset'],
      ['function', 'offset'],
    ],
  );
  const { debugInformation, warnings } = inspectModule(bytes);
  t.deepEqual(debugInformation.dwarf, { versions: [], functions: 0 });
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /^\.debug_line: line tables of version 77 \(offset 0x[0-9a-f]+\)$/);
});

test('a source map that the host finds, in a trap inside an unrolled loop under interrupts', async (t) => {
  const { wasm, map } = await assemblyScriptWithMap(
    `export function IRQ3_Handler(): void {}
export function check(n: i32): i32 {
  let sum = 0;
  for (let i = n; i > -2; i--) {
    sum += 1000 / i;
  }
  return sum;
}
`,
    ['--sourceMap'],
  );
  const expected = { file: 'firmware.ts', line: 5, column: 12 };
  for (const period of [undefined, 63, 1000]) {
    const frames = backtraceOf(wasm, { args: ['50'], sourceMap: () => map }, (machine) => {
      if (period !== undefined) machine.raise(3, { kind: 'every', period: duration(period) });
    });
    t.deepEqual(frames[0]?.source, expected, `${period}`);
  }
  t.is(backtraceOf(wasm, { args: ['50'] })[0]?.source, undefined, 'without a host that gives the map');
  const failing = () => {
    throw new Error('the disk is gone');
  };
  t.is(backtraceOf(wasm, { args: ['50'], sourceMap: failing })[0]?.source, undefined);
});

test('the source map is not asked for in a run that ends well', (t) => {
  const bytes = wat('(module (func (export "check")))');
  const machine = Machine.load(bytes, {
    invoke: 'check',
    sourceMap: () => {
      throw new Error('asked for');
    },
  });
  t.is(machine.run().exitCode, 0);
});
