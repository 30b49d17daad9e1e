/**
 * Rewrites one module once or many times and prints what each call took, by the thread's processor time, and how much memory the
 * first. Arguments: path, granularity or `flag`, `one` or `many`. To be run with --expose-gc.
 */
import { readFileSync } from 'node:fs';
import { type InstrumentOptions, instrument } from '../src/rewrite/instrument.ts';
import type { RewritingTimes, Way } from './rewriting.ts';
import { chooseClock, stopwatch } from './stopwatch.ts';

/** Of many: so many if they are short, and a few if they are long. */
const maxCalls = 21;
const minCalls = 4;
const enough_ms = 2500;

const [path, way, calls] = process.argv.slice(2);
const options: InstrumentOptions = way === 'flag' ? { counting: 'none' } : { granularity: way as Exclude<Way, 'flag'> };
const bytes = new Uint8Array(readFileSync(path!));
await chooseClock('cpu');
(globalThis as { gc?: () => void }).gc?.();
const residentBytes = process.memoryUsage().rss;
const times: number[] = [];
let peakBytes = 0;
let rewrittenBytes = 0;
let sum = 0;
for (let i = 0; i < (calls === 'many' ? maxCalls : 1); i++) {
  if (i >= minCalls && sum >= enough_ms) break;
  const start = stopwatch();
  rewrittenBytes = instrument(bytes, options).bytes.length;
  times.push(stopwatch() - start);
  sum += times[i]!;
  if (i === 0) peakBytes = process.resourceUsage().maxRSS * 1024 - residentBytes;
}
const measured: RewritingTimes = { bytes: bytes.length, times, peakBytes, rewrittenBytes };
process.stdout.write(JSON.stringify(measured));
