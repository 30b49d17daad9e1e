/**
 * How each loop looks at the budget, decided when all of it has been read. The figures behind the numbers here are in the table
 * "What was tried for speed" of ARCHITECTURE.md.
 */
import { type CountedLoop, roundsOf } from './counted-loops.ts';
import type { LoopScan, Region, ScanContext } from './scan-types.ts';

/** How often a small loop is written, when counts are estimates (a first round stands before them then) and when they are exact. */
const copiesOfSmall = { estimated: 3, exact: 4 };
/** Larger bodies are not looked through. */
const maxCountedBytes = 1024;
/** In larger bodies a look at the budget weighs little, and setting a strip up takes the longer, the fewer rounds there are. */
const maxStripBytes = 128;
/** Loops that count, but are not counted, are written twice up to this size: nothing else leads out of them. */
const maxTwiceBytes = 256;
/** Loops up to this many rounds, and this cost in all, run without a look at the budget. */
const maxFreeRounds = 64;
const maxFreeCost = 1024;

/** A loop with what its header tells. */
export function beginLoop({
  at,
  header,
  depth,
  blockType,
}: Pick<LoopScan, 'at' | 'header' | 'depth' | 'blockType'>): LoopScan {
  return {
    at,
    header,
    depth,
    end: at,
    blockType,
    weight: 0,
    charge: 'back-edge',
    copies: 1,
    branchesBack: 0,
    copyable: true,
    open: false,
    calls: false,
    sealed: true,
    exits: false,
    counted: undefined,
  };
}

/** Fills in what the end of a loop tells. `region` is that of its rounds. */
export function planLoop(loop: LoopScan, region: Region, context: ScanContext): void {
  loop.weight = Math.max(1, region.longest);
  if (loop.charge !== 'back-edge') return;
  const size = loop.end - loop.at;
  const { countedLoops } = context;
  if (countedLoops !== undefined && !loop.open && !loop.calls && !loop.exits && size <= maxCountedBytes) {
    loop.counted = countedLoops.find(region.straight, loop.header, loop.at, loop.end);
  }
  if (loop.counted !== undefined && isFree(loop.counted, region.longest)) {
    loop.charge = 'none';
    return;
  }
  const looksOnly = loop.counted !== undefined && !context.counts && context.maxCopiedBytes > 0;
  // Strips take more room than a check, and nothing can be paid in advance where nothing is counted.
  if (context.maxCopiedBytes === 0 || !context.counts || size > maxStripBytes || isSteep(loop))
    loop.counted = undefined;
  if (loop.counted !== undefined) return;
  if (looksOnly && loop.copyable && size > context.maxCopiedBytes && size <= maxTwiceBytes) loop.copies = 2;
  if (loop.copyable && size <= context.maxCopiedBytes) {
    loop.copies = countedLoops === undefined ? copiesOfSmall.exact : copiesOfSmall.estimated;
  }
}

/**
 * Whether the steps of a loop are so large that a budget might pay for all the rounds it takes to come round to where it began: who
 * steps over its bound makes at least 2³² ÷ step of them, and would not be seen to go on for ever.
 */
function isSteep({ counted, weight }: LoopScan): boolean {
  return counted !== undefined && Math.abs(counted.step) > 2 * weight;
}

/** Whether a loop counts so few rounds that it need not look at the budget: the region around pays for them. */
function isFree(counted: CountedLoop, cost: number): boolean {
  const rounds = roundsOf(counted);
  return rounds !== undefined && rounds <= maxFreeRounds && rounds * cost <= maxFreeCost;
}
