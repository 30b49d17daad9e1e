/**
 * Where a run has a limit in wall-clock time, host calls look at it too: a guest that does nothing but ask for files or random
 * bytes executes few instructions, after which the loop would look. Without a limit nothing is wrapped around anything.
 */
import type { HostFunction, HostModule } from '../guests/interface.ts';

/** A call is of microseconds, seldom of milliseconds. */
const CALLS_BETWEEN_LOOKS = 32;
/** What one call does to more bytes than these is done in pieces, with a look after each. A whole number of words. */
const PIECE_BYTES = 1 << 20;

/** @param look ends the run when it is over. */
export function watched(functions: HostModule, look: () => void): HostModule {
  let calls = 0;
  const watch = (each: HostFunction): HostFunction => {
    if (each.async !== undefined || each.bare === true) return each;
    const call = (...args: unknown[]) => {
      const result: unknown = each.call(...args);
      if (++calls % CALLS_BETWEEN_LOOKS === 0) look();
      return result;
    };
    return { ...each, call };
  };
  return Object.fromEntries(Object.entries(functions).map(([name, each]) => [name, watch(each)]));
}

export function inPieces(bytes: Uint8Array, fill: (piece: Uint8Array) => void, look: () => void): void {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    fill(bytes.subarray(at, at + PIECE_BYTES));
    look();
  }
}
