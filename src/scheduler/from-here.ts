/**
 * What the loop does for a guest at a safepoint and behind a host call, where JavaScript and not the WebAssembly code between
 * the two calls the handlers: from the point where it has done its part, to where the guest may go on.
 */
import type { SchedulerLoop } from './loop.ts';
import { FOLLOWING } from './registers.ts';

/** @returns the guest's new budget. */
export function safepointHere(loop: SchedulerLoop, remaining: number, masked: boolean): number {
  loop.registers.settleWith(remaining);
  const slot = loop.safepoint(masked);
  if (slot !== 0) loop.run(slot, FOLLOWING.safepoint);
  return loop.registers.budget;
}

/** Also for a host call with nothing around it. */
export function afterHostCallHere(loop: SchedulerLoop, masked = false): void {
  if (loop.isCalm) return;
  loop.registers.settleReturned();
  const slot = loop.afterHostCall(masked);
  if (slot !== 0) loop.run(slot, FOLLOWING.hostCall);
  loop.registers.giveBack();
}
