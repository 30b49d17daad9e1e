/** The times of a run as the library, `--json` and `--stats` tell them: nanoseconds for cycles, places for stacks. */

import { EXCEPTION_COUNT, type ExceptionNumber, lineOf } from '../interrupts/exceptions.ts';
import type { Distribution } from '../interrupts/histogram.ts';
import type { Frame } from '../scheduler/outcome.ts';
import type { MachineCore } from './core.ts';

export type { Distribution } from '../interrupts/histogram.ts';

export interface LineStatistics {
  readonly name: string;
  readonly line: number;
  /** From pend to the entry of the handler, or to the post: in ns, and in instructions. */
  readonly latency: Distribution;
  readonly latencyInstructions: Distribution;
  /** From entry to return in ns, with what interrupted the handler; null for a line that goes by mailbox. */
  readonly duration: Distribution | null;
}

export interface RunStatistics {
  /** Every line and exception that was ever delivered. */
  readonly lines: readonly LineStatistics[];
  /** The longest time that PRIMASK, FAULTMASK or BASEPRI was set; null when none ever was, and cleared again. */
  readonly masked: {
    /** Machine time at its beginning, and how long it was, in ns. */
    readonly from: number;
    readonly time: number;
    readonly instructions: number;
    /** Where the guest ended it. */
    readonly place: Frame | null;
  } | null;
}

export function statisticsOf(core: MachineCore, framesOf: (error: Error) => readonly Frame[]): RunStatistics {
  const { times, clock } = core;
  const ns = (cycles: number) => Math.round((cycles * 1e9) / clock.hz);
  const inNs = ({ min, median, p99, max }: Distribution): Distribution => ({
    min: ns(min),
    median: ns(median),
    p99: ns(p99),
    max: ns(max),
  });
  const lines: LineStatistics[] = [];
  for (let n = 1 as ExceptionNumber; n < EXCEPTION_COUNT; n++) {
    const { latency, latencyInstructions, duration } = core.controller.timesOf(n);
    if (latency === undefined || latencyInstructions === undefined) continue;
    lines.push({
      name: core.lineName(n),
      line: lineOf(n),
      latency: inNs(latency),
      latencyInstructions,
      duration: duration === undefined ? null : inNs(duration),
    });
  }
  const { longestMasked: longest } = times;
  const masked =
    longest === undefined
      ? null
      : {
          from: ns(longest.from),
          time: ns(longest.cycles),
          instructions: longest.instructions,
          place: framesOf(longest.end)[0] ?? null,
        };
  return { lines, masked };
}
