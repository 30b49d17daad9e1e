/**
 * Verification of what the rewriter made of a module, for runs that ask for it. A machine takes it as an option and does not import
 * it itself: reading the checker takes longer than starting most firmware.
 */
import { AssertionError } from '../assert.ts';
import { type CheckOptions, checkRewritten } from '../rewrite/checker/check.ts';
import { checkLoweredWaits } from '../rewrite/checker/lowered-waits.ts';
import { formatViolation } from '../rewrite/checker/violation.ts';
import type { Instrumented } from '../rewrite/instrument.ts';
import type { LoweredWaits } from '../rewrite/memory-waits.ts';

const shown = 5;

export interface VerifyOptions extends CheckOptions {
  /** The module as the rewriter got it, if waits in memory were made the host's before. */
  readonly lowered?: LoweredWaits | undefined;
}

/**
 * Proves that a rewritten module is the original made interruptible: see src/rewrite/checker/check.ts for what exactly.
 * `options` are those that the rewriter was given.
 *
 * @throws AssertionError where it is not: a mistake of wirq's, whatever the module is.
 * @example
 * Machine.load(bytes, { verify: verifyRewriting })
 */
export function verifyRewriting(original: Uint8Array, rewritten: Instrumented, options: VerifyOptions): void {
  const bound = rewritten.report.longestStretch;
  const { lowered } = options;
  const before = lowered?.bytes ?? original;
  const violations = [
    ...(lowered === undefined ? [] : checkLoweredWaits(original, before, lowered.hook)),
    ...checkRewritten(before, rewritten.bytes, rewritten.hookNames, { ...options, bound }).violations,
  ];
  if (violations.length === 0) return;
  const lines = violations.slice(0, shown).map((violation) => `\n  ${formatViolation(violation)}`);
  const more = violations.length > shown ? `\n  and ${violations.length - shown} more` : '';
  throw new AssertionError(
    `wirq is wrong about itself: the rewritten module is not what it has to be${lines.join('')}${more}`,
  );
}
