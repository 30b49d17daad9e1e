/** What of the machine's events is due, in its time and in instructions, and whether there is reason to look. */
import type { Alarms } from '../clock/alarms.ts';
import { type Instant, MAX_NS } from '../clock/instant.ts';
import type { MachineClock } from '../clock/machine-clock.ts';
import type { Outside } from '../clock/real-time.ts';

/**
 * Whether an event is due is told by cycles; what time it is has to be worked out, and mostly nothing is due.
 * @returns whether there may be more that are due.
 */
export function runDueEvents(clock: MachineClock, timeline: Alarms, workline: Alarms): boolean {
  const next = timeline.nextKey;
  const moreTime = next !== undefined && clock.isDue(next as Instant) && timeline.runDue(clock.now);
  const work = workline.nextKey;
  const moreWork = work !== undefined && workline.runDue(clock.instructions);
  return moreTime || moreWork;
}

/** In real time, time passes and things arrive without anybody's doing. */
export function somethingArrived(outside: Outside, clock: MachineClock, timeline: Alarms): boolean {
  const next = timeline.nextKey;
  return outside.rung || (next !== undefined && clock.isDue(next as Instant));
}

/** Where nothing is planned, something may still come from outside in real time. */
export function endOfWaiting(outside: Outside | undefined): number | undefined {
  return outside?.open === true ? MAX_NS : undefined;
}
