/** What ended a call into the guest, as an outcome: a trap, an exception that nobody caught, a stated limit. */
import { WirqError } from '../errors.ts';
import type { Frame, Outcome } from '../scheduler/outcome.ts';
import { trapMessage } from './backtrace.ts';
import { GuestFault } from './guest-fault.ts';
export type TrapOutcome = Extract<Outcome, { kind: 'trap' }>;

/** What a C program's longjmp is to the engine. */
const UNCAUGHT_ADVICE =
  'if this is a longjmp: no function that called setjmp was left to catch it, because a trap had taken them away, or ' +
  'because the interrupted code was not called by one';

/** The outcome of something thrown; undefined for what is neither the guest's doing nor a stated limit. */
export function trapOutcome(cause: unknown, frames: readonly Frame[]): TrapOutcome | undefined {
  if (cause instanceof WirqError || cause instanceof GuestFault)
    return { kind: 'trap', message: cause.message, advice: cause.advice, backtrace: frames };
  const guests =
    cause instanceof WebAssembly.RuntimeError ||
    cause instanceof WebAssembly.Exception ||
    (cause instanceof RangeError && /call stack/.test(cause.message));
  const advice = cause instanceof WebAssembly.Exception ? UNCAUGHT_ADVICE : undefined;
  return guests ? { kind: 'trap', message: trapMessage(cause), advice, backtrace: frames } : undefined;
}
