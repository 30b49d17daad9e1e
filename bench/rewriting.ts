/**
 * How fast large real modules are rewritten, and how much memory that takes beyond the module itself. Each in processes of its own
 * (rewriting-child.ts): the first call meets cold code, as a user's does, and a process's peak never falls. So of first calls and
 * peaks there are several, each in a fresh process, and of later calls many in one.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, sibling } from './root.ts';
import { cleanEnvironment } from './start-up.ts';
import { median } from './statistics.ts';
import { markdownTable } from './table.ts';

/** From Go and from Rust: both over 10 MB. They are development dependencies. */
const modules = ['esbuild-wasm/esbuild.wasm', 'lightningcss-wasm/lightningcss_node.wasm'];
/** Granularities; `flag` is `loop` without counting. */
const ways = ['loop', 'flag', 'block', 'access', 'instruction'] as const;
export type Way = (typeof ways)[number];

/** What rewriting-child.ts prints. */
export interface RewritingTimes {
  readonly bytes: number;
  /** Of each call in turn, in milliseconds. */
  readonly times: readonly number[];
  /** By how much the process grew at most during the first call. */
  readonly peakBytes: number;
  readonly rewrittenBytes: number;
}

export interface RewritingResult {
  readonly module: string;
  readonly way: Way;
  readonly bytes: number;
  readonly rewrittenBytes: number;
  /** In milliseconds, one a process. */
  readonly firstTimes: readonly number[];
  /** All in one process. */
  readonly laterTimes: readonly number[];
  /** One a process. */
  readonly peakBytes: readonly number[];
}

export function measureRewriting(processes: number): RewritingResult[] {
  const present = modules.filter((module) => existsSync(join(root, 'node_modules', module)));
  return present.flatMap((module) => ways.map((way) => measure(module, way, processes)));
}

function measure(module: string, way: Way, processes: number): RewritingResult {
  const path = join(root, 'node_modules', module);
  const run = (calls: 'one' | 'many'): RewritingTimes => {
    const args = ['--expose-gc', sibling('rewriting-child'), path, way, calls];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env: cleanEnvironment() }));
  };
  const long = run('many');
  const all = [long, ...Array.from({ length: processes - 1 }, () => run('one'))];
  const { bytes, rewrittenBytes } = long;
  const firstTimes = all.map(({ times }) => times[0]!);
  return {
    ...{ module, way, bytes, rewrittenBytes, firstTimes },
    laterTimes: long.times.slice(1),
    peakBytes: all.map((each) => each.peakBytes),
  };
}

export function rewritingTable(results: readonly RewritingResult[]): string {
  return markdownTable(
    [
      { title: 'module', align: 'left' },
      { title: 'MB', align: 'right' },
      { title: 'granularity', align: 'left' },
      { title: 'first call, MB/s', align: 'right' },
      { title: 'slowest to fastest', align: 'right' },
      { title: 'later calls', align: 'right' },
      { title: 'best', align: 'right' },
      { title: 'peak memory / module', align: 'right' },
      { title: 'highest', align: 'right' },
      { title: 'size', align: 'right' },
    ],
    results.map(({ module, way, bytes, firstTimes, laterTimes, peakBytes, rewrittenBytes }) => {
      const speed = (ms: number): string => (bytes / ms / 1000).toFixed(0);
      return [
        module.slice(module.lastIndexOf('/') + 1),
        (bytes / 1e6).toFixed(1),
        way,
        speed(median(firstTimes)),
        `${speed(Math.max(...firstTimes))} to ${speed(Math.min(...firstTimes))}`,
        speed(median(laterTimes)),
        speed(Math.min(...laterTimes)),
        (median(peakBytes) / bytes).toFixed(1),
        (Math.max(...peakBytes) / bytes).toFixed(1),
        (rewrittenBytes / bytes).toFixed(2),
      ];
    }),
  );
}
