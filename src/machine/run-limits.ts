/** The limits that a user gives a run: of machine time and of instructions. That of wall time is the loop's own. */
import { WirqError } from '../errors.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import { checkTime, type MachineOptions } from './options.ts';

/** Ends the run at its limits. @throws WirqError `bad-argument` for what is no limit. */
export function limitRun(loop: SchedulerLoop, { timeout, maxInstructions }: MachineOptions): void {
  if (timeout !== undefined) {
    const message = 'the machine time given by the timeout is over';
    const alarm = loop.timeline.create(() => loop.conclude({ kind: 'timeout', limit: 'machine', message }));
    alarm.at(checkTime(timeout, 'timeout'));
  }
  if (maxInstructions === undefined) return;
  if (!Number.isSafeInteger(maxInstructions) || maxInstructions < 1) {
    throw new WirqError('bad-argument', `${maxInstructions} is not a number of instructions`, {
      advice: 'give a whole number from 1',
    });
  }
  const message = `the guest has executed ${maxInstructions} instructions`;
  const alarm = loop.workline.create(() => loop.conclude({ kind: 'timeout', limit: 'instructions', message }));
  alarm.at(maxInstructions);
}
