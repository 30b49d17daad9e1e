/** What the thread of core.ts is asked to do. */
import type { Preemption } from '../../src/machine/options.ts';

/** What the board and this thread share: how many handlers were entered, in the first word. */
export const ENTERED = 0;

export type Job =
  | {
      readonly kind: 'overhead';
      readonly file: string;
      readonly n: number;
      readonly checksum: number;
      readonly rounds: number;
      readonly results: SharedArrayBuffer;
    }
  | {
      /** `flag`: without a machine, safepoints that only look at a flag, which a native interrupt sets. */
      readonly kind: 'latency' | 'flag';
      readonly firmware: Uint8Array<ArrayBuffer>;
      readonly counts: SharedArrayBuffer;
      readonly times: SharedArrayBuffer;
    }
  | {
      readonly kind: 'storm';
      readonly firmware: Uint8Array<ArrayBuffer>;
      readonly n: number;
      readonly checksum: number;
      readonly interrupts: number;
      readonly results: SharedArrayBuffer;
    }
  | {
      readonly kind: 'posts';
      readonly firmware: Uint8Array<ArrayBuffer>;
      /** Told as `PostCounts`. */
      readonly results: SharedArrayBuffer;
    };

/** What a guest took from its mailbox, and what the machine says it was sent; the order in the results. */
export const POST_COUNTS = ['bits', 'entries', 'posted', 'overruns', 'raised', 'delivered', 'coalesced'] as const;

export interface BenchData {
  readonly preempt: Preemption;
  readonly job: Job;
}
