/** The board's side of the benchmarks of real time: starts core.ts with a job, and plays the world outside. */
import { extname } from 'node:path';
import { BoardLink, type Outlet } from '../../src/host/board-link.ts';
import type { ToCore } from '../../src/host/core-link.ts';
import type { Preemption } from '../../src/machine/options.ts';
import type { BenchData, Job } from './job.ts';

/** Has core.ts come to an end. */
export const STOP: ToCore = { kind: 'input-end' };

/** @throws Error when the job does not end well. */
export async function doJob(preempt: Preemption, job: Job, outside: (board: Outlet) => void = () => {}): Promise<void> {
  const data: BenchData = { preempt, job };
  const code = await BoardLink.run({
    entry: new URL(`./core${extname(import.meta.url)}`, import.meta.url),
    workerData: { ...data },
    native: preempt === 'native',
    forwards: false,
    control: undefined,
    interactive: undefined,
    limitMs: undefined,
    handlerMs: undefined,
    onStuck: () => 1,
    onReady: outside,
    onDied: () => 3,
    impatient: 130,
  });
  if (code !== 0) throw new Error(`the job ${job.kind} ended with ${code}`);
}
