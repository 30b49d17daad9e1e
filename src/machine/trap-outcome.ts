/** Which end of a run something thrown is: a trap, a fault of the guest's, a stated limit; or our own mistake, which is none. */
import { WirqError } from '../errors.ts';
import type { Frame, Outcome } from '../scheduler/outcome.ts';
import { trapMessage } from './backtrace.ts';
import { GuestFault } from './core.ts';

/** The outcome of something thrown; undefined for what is neither the guest's doing nor a stated limit. */
export function trapOutcome(cause: unknown, frames: readonly Frame[]): Outcome | undefined {
  if (cause instanceof WirqError)
    return { kind: 'trap', message: cause.message, advice: cause.advice, backtrace: frames };
  if (cause instanceof GuestFault)
    return { kind: 'trap', message: cause.message, advice: cause.advice, backtrace: frames };
  const guests =
    cause instanceof WebAssembly.RuntimeError ||
    cause instanceof WebAssembly.Exception ||
    (cause instanceof RangeError && /call stack/.test(cause.message));
  return guests ? { kind: 'trap', message: trapMessage(cause), backtrace: frames } : undefined;
}
