/**
 * Rewrites one module several times and prints what each call took, by the thread's processor time, and how much memory the first.
 * Arguments: path, granularity, rounds. To be run with --expose-gc.
 */
import { readFileSync } from 'node:fs';
import { type Granularity, instrument } from '../src/rewrite/instrument.ts';
import type { RewritingTimes } from './rewriting.ts';
import { chooseClock, stopwatch } from './stopwatch.ts';

const [path, granularity, rounds] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(path!));
await chooseClock('cpu');
(globalThis as { gc?: () => void }).gc?.();
const residentBytes = process.memoryUsage().rss;
const times: number[] = [];
let peakBytes = 0;
let rewrittenBytes = 0;
for (let i = 0; i < Number(rounds); i++) {
  const start = stopwatch();
  rewrittenBytes = instrument(bytes, { granularity: granularity as Granularity }).bytes.length;
  times.push(stopwatch() - start);
  if (i === 0) peakBytes = process.resourceUsage().maxRSS * 1024 - residentBytes;
}
const measured: RewritingTimes = { bytes: bytes.length, times, peakBytes, rewrittenBytes };
process.stdout.write(JSON.stringify(measured));
