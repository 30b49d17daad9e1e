/** Which time a machine lives in: its clock, and in real time how often it looks at that and what reaches it from outside. */
import type { MachineClock } from '../clock/machine-clock.ts';
import { REAL_TIME_BUDGET, RealClock } from '../clock/real-clock.ts';
import { NOTHING_OUTSIDE, type Outside } from '../clock/real-time.ts';
import { VirtualClock } from '../clock/virtual-clock.ts';
import { WirqError } from '../errors.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import { checkHz, type MachineOptions } from './options.ts';

/** How much faster or slower than the host's time a machine's may pass. */
const [MIN_RATIO, MAX_RATIO] = [0.1, 100] as const;

export function createClock({ hz, realTime }: MachineOptions): MachineClock {
  if (realTime === undefined) return new VirtualClock(checkHz(hz));
  checkRatio(realTime.ratio);
  return new RealClock(checkHz(hz), realTime);
}

/** @throws WirqError `bad-argument`. */
export function checkRatio(ratio: number | undefined): void {
  if (ratio === undefined || (ratio >= MIN_RATIO && ratio <= MAX_RATIO)) return;
  throw new WirqError('bad-argument', `${ratio} is not a ratio of real time`, {
    advice: `write a number from ${MIN_RATIO} to ${MAX_RATIO}`,
  });
}

/** Undefined in virtual time, in which nothing arrives that was not asked for. */
export function outsideOf({ realTime }: MachineOptions): Outside | undefined {
  return realTime === undefined ? undefined : (realTime.outside ?? NOTHING_OUTSIDE);
}

/** In real time, a guest that counts its work comes by often; one that waits, or does not count, at least at its limit. */
export function comeByInRealTime(loop: SchedulerLoop, { realTime, wall }: MachineOptions): void {
  if (realTime === undefined) return;
  loop.pollEvery(REAL_TIME_BUDGET);
  if (wall !== undefined) loop.timeline.create(() => {}).at(Math.ceil(wall.limitMs * 1e6 * (realTime.ratio ?? 1)));
}
