/**
 * Modules as eight compilers write them, from packages of the registry: the engine takes each of them rewritten, and the programs
 * give the same output while they are interrupted again and again.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { instrument } from '../../src/rewrite/instrument.ts';
import { root } from '../support/root.ts';
import { granularities } from './differential-run.ts';
import { moreFiles, realPrograms } from './real-modules-programs.ts';

const files = [...realPrograms.flatMap(({ file }) => file ?? []), ...moreFiles];

/** Large modules take the other granularities too long for here. */
const maxBytesForAll = 1.5e6;

for (const file of files) {
  test.serial(`the engine takes ${file}, rewritten`, (t) => {
    const bytes = new Uint8Array(readFileSync(join(root, 'node_modules', file)));
    if (!WebAssembly.validate(bytes)) {
      // Node 20 knows no garbage collection.
      t.regex(file, /dart_fmt/);
      return;
    }
    for (const granularity of granularities()) {
      if (granularity !== 'loop' && bytes.length > maxBytesForAll) continue;
      const { bytes: rewritten, report } = instrument(bytes, { granularity });
      t.true(WebAssembly.validate(rewritten), granularity);
      t.true(report.safepoints > 0, granularity);
    }
  });
}

interface Line {
  readonly name: string;
  readonly outcome: string;
  readonly modules: number;
  readonly interrupts: number;
}

/** This file's neighbour, whether the tests run as they are or compiled. */
const program = fileURLToPath(import.meta.url).replace('real-modules.test', 'real-modules-process');
const run = promisify(execFile);

async function outcomes(...args: readonly string[]): Promise<ReadonlyMap<string, Line>> {
  // Measuring coverage there would cost more than it tells.
  const env = { ...process.env, NODE_V8_COVERAGE: '' };
  const { stdout } = await run(process.execPath, ['--no-warnings', program, ...args], { env, maxBuffer: 1e8 });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return new Map(lines.map((line) => [line.name, line]));
}

const plain = outcomes('plain');

/** Largest budgets: the finer the count, the sooner a budget is used up. */
const maxBudgets = { loop: 200, block: 1000, access: 3000, instruction: 3000, flag: 1 };

/** `flag`: at `loop`, without counting. */
for (const granularity of [...granularities(), 'flag'] as const) {
  // Larger modules only at the granularity that they would be run at.
  const names =
    granularity === 'loop'
      ? []
      : ['brotli', 'quickjs', 'oniguruma', 'dart_fmt', 'shfmt', 'zig_fmt', 'as-sha256', 'xxhash'];
  test.serial(`programs give the same output under a storm of interrupts at granularity ${granularity}`, async (t) => {
    const expected = await plain;
    const interrupted = await outcomes(granularity, `${maxBudgets[granularity]}`, ...names);
    t.true(interrupted.size >= (names.length || realPrograms.length));
    for (const [name, { outcome, modules, interrupts }] of interrupted) {
      const { outcome: wanted } = expected.get(name)!;
      if (name === 'dart_fmt' && wanted.startsWith('fails: CompileError')) continue;
      t.notRegex(wanted, /^fails/, name);
      t.is(outcome, wanted, name);
      t.true(modules > 0, `${name} was rewritten`);
      t.true(interrupts > 0, `${name} was interrupted ${interrupts} times`);
    }
  });
}
