/**
 * Firmware whose main loop is entered once: V8 never replaces a running function by its optimised version, so plain node
 * stays in baseline code. The machine compiles small modules with the optimising tier from the start, and wins more by that
 * than its safepoints cost. Runs are processes of their own, interleaved (main-loop-child.ts).
 */
import { execFileSync } from 'node:child_process';
import type { Tiers } from './engine.ts';
import { mainLoop } from './kernels.ts';
import { sibling } from './root.ts';
import { cleanEnvironment } from './start-up.ts';
import { interleave, median, ratios } from './statistics.ts';
import { markdownTable, ratioCell } from './table.ts';

/** Some ten times the kernel's `n`: long enough that compiling does not count. */
const turns = 30_000_000;

const ways = [
  { kind: 'plain', tiers: 'dynamic', name: 'plain node, unmodified' },
  { kind: 'plain', tiers: 'optimised', name: 'plain node, unmodified, optimising tier from the start' },
  { kind: 'machine', tiers: 'dynamic', name: 'machine, V8’s default tiers' },
  { kind: 'machine', tiers: 'optimised', name: 'machine, optimising tier from the start' },
] as const satisfies readonly { kind: string; tiers: Tiers; name: string }[];

export interface MainLoopResult {
  readonly way: string;
  readonly ms: number;
  /** To plain node with its defaults. */
  readonly ratio: number;
}

export function measureMainLoop(rounds: number): MainLoopResult[] {
  const checksums = new Set<number>();
  const times = interleave(
    ways.map(({ kind, tiers }) => () => {
      const args = [sibling('main-loop-child'), kind, tiers, String(turns)];
      const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env: cleanEnvironment() });
      const { ms, checksum } = JSON.parse(printed) as { ms: number; checksum: number };
      checksums.add(checksum);
      return ms;
    }),
    rounds,
  );
  if (checksums.size !== 1) throw new Error(`${mainLoop.name}: the checksums differ: ${[...checksums].join(', ')}`);
  return ways.map(({ name }, index) => ({
    way: name,
    ms: median(times[index]!),
    ratio: median(ratios(times[index]!, times[0]!)),
  }));
}

export function mainLoopTable(results: readonly MainLoopResult[]): string {
  return markdownTable(
    [
      { title: 'way', align: 'left' },
      { title: 'ms', align: 'right' },
      { title: 'ratio', align: 'right' },
    ],
    results.map(({ way, ms, ratio }) => [way, ms.toFixed(0), ratioCell(ratio)]),
  );
}
