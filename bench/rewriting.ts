/**
 * How fast large real modules are rewritten, and how much memory that takes beyond the module itself. Each in a process of its own
 * (rewriting-child.ts): the first call meets cold code, as a user's does, and a process's peak never falls.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Granularity } from '../src/rewrite/instrument.ts';
import { root, sibling } from './root.ts';
import { cleanEnvironment } from './start-up.ts';
import { median } from './statistics.ts';
import { markdownTable } from './table.ts';

/** From Go and from Rust: both over 10 MB. They are development dependencies. */
const modules = ['esbuild-wasm/esbuild.wasm', 'lightningcss-wasm/lightningcss_node.wasm'];
const granularities: readonly Granularity[] = ['loop', 'block'];

/** What rewriting-child.ts prints. */
export interface RewritingTimes {
  readonly bytes: number;
  /** Of each call in turn, in milliseconds. */
  readonly times: readonly number[];
  /** By how much the process grew at most during the first call. */
  readonly peakBytes: number;
  readonly rewrittenBytes: number;
}

export interface RewritingResult extends RewritingTimes {
  readonly module: string;
  readonly granularity: Granularity;
}

export function measureRewriting(rounds: number): RewritingResult[] {
  const present = modules.filter((module) => existsSync(join(root, 'node_modules', module)));
  return present.flatMap((module) =>
    granularities.map((granularity) => {
      const path = join(root, 'node_modules', module);
      const args = ['--expose-gc', sibling('rewriting-child'), path, granularity, String(rounds)];
      const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env: cleanEnvironment() });
      return { module, granularity, ...(JSON.parse(printed) as RewritingTimes) };
    }),
  );
}

export function rewritingTable(results: readonly RewritingResult[]): string {
  return markdownTable(
    [
      { title: 'module', align: 'left' },
      { title: 'MB', align: 'right' },
      { title: 'granularity', align: 'left' },
      { title: 'first call, MB/s', align: 'right' },
      { title: 'median', align: 'right' },
      { title: 'best', align: 'right' },
      { title: 'peak memory / module', align: 'right' },
      { title: 'size', align: 'right' },
    ],
    results.map(({ module, granularity, bytes, times, peakBytes, rewrittenBytes }) => {
      const speed = (ms: number): string => (bytes / ms / 1000).toFixed(0);
      return [
        module.slice(module.lastIndexOf('/') + 1),
        (bytes / 1e6).toFixed(1),
        granularity,
        speed(times[0]!),
        speed(median(times)),
        speed(Math.min(...times)),
        (peakBytes / bytes).toFixed(1),
        (rewrittenBytes / bytes).toFixed(2),
      ];
    }),
  );
}
