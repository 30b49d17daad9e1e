/** Checks of our own invariants. A failure is a bug in wirq, never a user's mistake (errors.ts has those). */

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(`wirq is wrong about itself: ${message}`);
}

/** For the default branch of a switch over a union: a compile error where a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`wirq is wrong about itself: unexpected ${String(value)}`);
}
