/**
 * Every extension of WebAssembly, a file each in proposals/: rewritten in every way, judged by the checker and the engine, run, and
 * compared with the original, undisturbed and with an empty handler at random safepoints. The comments at the head of a file say
 * what functions without parameters give, and why it is not run if it is not. What an engine lacks it does not run either.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { engineFeatures } from '../../src/host/engine.ts';
import { checkRewritten } from '../../src/rewrite/checker/check.ts';
import { formatViolation } from '../../src/rewrite/checker/violation.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { newEngine, newWat } from '../support/binaryen.ts';
import { root } from '../support/root.ts';
import { withHandler } from './differential-modules.ts';
import { compare, granularities } from './differential-run.ts';

const folder = join(root, 'tests/rewrite/proposals');
const files = readdirSync(folder).filter((name) => name.endsWith('.wat'));

// Asking turns on what this engine has behind a flag.
engineFeatures();

function judged(t: ExecutionContext, bytes: Uint8Array<ArrayBuffer>): void {
  for (const granularity of granularities()) {
    const rewritten = instrument(bytes, { granularity });
    const report = checkRewritten(bytes, rewritten.bytes, rewritten.hookNames, { granularity });
    t.deepEqual(report.violations.map(formatViolation), [], granularity);
    t.is(report.safepoints, rewritten.report.safepoints, granularity);
    t.is(WebAssembly.validate(rewritten.bytes), WebAssembly.validate(bytes), granularity);
  }
}

function compared(t: ExecutionContext, bytes: Uint8Array<ArrayBuffer>, expected: readonly string[]): void {
  if (!WebAssembly.validate(bytes) && !newEngine) {
    t.log('rewritten and checked, but not run: this engine lacks the feature');
    return;
  }
  let interrupts = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const comparison = compare(bytes, seed, { granularities: granularities() });
    t.is(comparison.outcome, 'same', `seed ${seed}: ${comparison.differences.join('\n')}`);
    for (const line of expected) t.true(comparison.events.includes(line), `${line}, not ${comparison.events}`);
    interrupts += comparison.interrupts;
  }
  t.true(interrupts > 100, `${interrupts} interrupts`);
}

for (const name of files) {
  test(name.replace('.wat', '').replaceAll('-', ' '), (t) => {
    const source = readFileSync(join(folder, name), 'utf8');
    const bytes = withHandler(newWat(source));
    judged(t, bytes);
    const unrun = /^;; not run: (.*)$/m.exec(source)?.[1];
    if (unrun !== undefined) {
      t.log(`rewritten and checked, but not run: ${unrun}`);
      return;
    }
    const expected = [...source.matchAll(/^;; (\S+ gives .*)$/gm)].map((match) => match[1]!);
    t.true(expected.length > 0);
    compared(t, bytes, expected);
  });
}

/**
 * A function that suspends with 4, 5 and 6; and one with a loop that is the handler, to which each suspension leads back by no
 * branch. It is the start function, so that nothing can call it again. By hand, because Binaryen makes two blocks of a loop with
 * parameters.
 */
const suspensionsInLoop = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 16, 4, 0x60, 0, 0, 0x5d, 0, 0x60, 1, 0x7f, 0, 0x60, 2, 0x7f, 0x64, 1, 0],
  ...[3, 3, 2, 0, 0, 13, 3, 1, 0, 2, 6, 6, 1, 0x7f, 1, 0x41, 0, 0x0b],
  ...[7, 7, 1, 3, ...Buffer.from('sum'), 3, 0, 8, 1, 1, 9, 5, 1, 3, 0, 1, 0],
  ...[10, 52, 2, 14, 0, 0x41, 4, 0xe2, 0, 0x41, 5, 0xe2, 0, 0x41, 6, 0xe2, 0, 0x0b],
  ...[35, 2, 1, 0x7f, 1, 0x63, 1, 0x41, 0, 0xd2, 0, 0xe0, 1, 0x03, 3, 0x21, 1, 0x20, 0, 0x6a, 0x21, 0, 0x20, 1],
  ...[0xe3, 1, 1, 0, 0, 0, 0x0b, 0x20, 0, 0x24, 0, 0x0b],
);

test('a loop that is the handler of what is resumed in it', (t) => {
  const bytes = withHandler(suspensionsInLoop);
  judged(t, bytes);
  compared(t, bytes, ['sum is 15']);
});
