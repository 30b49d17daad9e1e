/**
 * Ten thousand native interrupts at random moments into each kernel, whose handler writes all over its stack: every result
 * must be the one without interrupts. What the handler stack was used for is told; its canary, the machine checks itself.
 */
import type { Outlet } from '../../src/host/board-link.ts';
import { type Kernel, kernelBytes } from '../kernels.ts';
import { markdownTable } from '../table.ts';
import { doJob } from './link.ts';
import { withScribbler } from './scribbler.ts';

export interface StormResult {
  readonly kernel: string;
  readonly runs: number;
  readonly raised: number;
  readonly delivered: number;
  readonly coalesced: number;
  readonly ms: number;
}

/** The mean distance of two interrupts. */
const MEAN_US = 120;

/** @throws Error when a result is wrong, or an interrupt is not accounted for. */
export async function storm(root: string, kernel: Kernel, interrupts: number): Promise<StormResult> {
  const firmware = withScribbler(kernelBytes(root, kernel));
  const results = new Float64Array(new SharedArrayBuffer(8 * 5));
  const { n, checksum } = kernel;
  let going = true;
  const begun = performance.now();
  await doJob('native', { kind: 'storm', firmware, n, checksum, interrupts, results: results.buffer }, (board) => {
    void raise(board, () => going);
  }).finally(() => {
    going = false;
  });
  const [delivered, raised, coalesced, , runs] = results as unknown as number[];
  if (raised !== delivered! + coalesced!)
    throw new Error(`${kernel.name}: ${raised} raised, ${delivered} delivered, ${coalesced} coalesced`);
  return {
    kernel: kernel.name,
    runs: runs!,
    raised: raised!,
    delivered: delivered!,
    coalesced: coalesced!,
    ms: performance.now() - begun,
  };
}

/** At random moments, exponentially distributed. */
async function raise(board: Outlet, going: () => boolean): Promise<void> {
  let next = Number(process.hrtime.bigint());
  for (let at = 0; going(); at++) {
    next += -Math.log(1 - Math.random()) * MEAN_US * 1000;
    if (at % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    while (Number(process.hrtime.bigint()) < next);
    board.pend(1);
  }
}

export function stormTable(results: readonly StormResult[]): string {
  return markdownTable(
    [
      { title: 'kernel', align: 'left' },
      { title: 'runs, all right', align: 'right' },
      { title: 'raised', align: 'right' },
      { title: 'delivered', align: 'right' },
      { title: 'coalesced', align: 'right' },
      { title: 's', align: 'right' },
    ],
    results.map((each) => [
      each.kernel,
      ...[each.runs, each.raised, each.delivered, each.coalesced].map(String),
      (each.ms / 1000).toFixed(1),
    ]),
  );
}
