/** Real time: what native interrupts cost and how soon they land; a storm of them, under which every result is right. */
import type { Kernel } from './kernels.ts';
import { type LatencyResult, latencyTable, measureLatency } from './real-time/latency.ts';
import { measureOverhead, type OverheadResult, overheadTable } from './real-time/overhead.ts';
import { type StormResult, storm, stormTable } from './real-time/storm.ts';

export interface RealTimeResult {
  readonly overhead: readonly OverheadResult[];
  readonly latency: readonly LatencyResult[];
  readonly storm: readonly StormResult[];
}

const INTERRUPTS = 10_000;

export async function measureRealTime(
  root: string,
  kernels: readonly Kernel[],
  quick: boolean,
  progress: (text: string) => void,
): Promise<RealTimeResult> {
  const overhead: OverheadResult[] = [];
  const storms: StormResult[] = [];
  const latency: LatencyResult[] = [];
  for (const doorbell of ['native', 'safepoints', 'flag'] as const) {
    progress(`real-time: latency of ${doorbell}`);
    latency.push(await measureLatency(doorbell, quick));
  }
  for (const kernel of kernels) {
    progress(`real-time: ${kernel.name}`);
    overhead.push(await measureOverhead(root, kernel, quick ? 1 : 3, quick ? 5 : 7));
    storms.push(await storm(root, kernel, quick ? INTERRUPTS / 20 : INTERRUPTS));
  }
  return { overhead, latency, storm: storms };
}

export function realTimeTables({ overhead, latency, storm: storms }: RealTimeResult): string {
  return [
    overheadTable(overhead),
    'From the board to the handler:',
    latencyTable(latency),
    'Native interrupts at random moments, handlers that write all over their stack:',
    stormTable(storms),
  ].join('\n\n');
}
