/**
 * How each loop looks at the budget, decided when all of it has been read. The figures behind the numbers here are in the table
 * "What was tried for speed" of ARCHITECTURE.md.
 */
import { emptyBlockType } from './block-types.ts';
import { type CountedLoop, roundsOf } from './counted-loops.ts';
import type { LoopScan, Region, ScanContext } from './scan-types.ts';

/** How often a small loop is written, when counts are estimates (a first round stands before them then) and when they are exact. */
const copiesOfSmall = { estimated: 3, exact: 4 };
/** Larger bodies are not looked through. */
const maxCountedBytes = 1024;
/** In larger bodies a look at the budget weighs little, and setting a strip up takes the longer, the fewer rounds there are. */
const maxStripBytes = 128;
/** Loops up to this many rounds, and this cost in all, run without a look at the budget. */
const maxFreeRounds = 64;
const maxFreeCost = 1024;
/** Where nothing is counted, no estimate suffers from more; but who wants attention waits for it: some microseconds. */
const maxUncountedCost = 8192;

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
    ahead: 1,
    nested: false,
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
  const rounds = loop.counted && freeRounds(loop.counted, region.longest, context.counts);
  if (rounds !== undefined) {
    loop.ahead = rounds;
    loop.charge = 'none';
    return;
  }
  if (loop.nested) loop.charge = 'header';
  if (loop.nested || context.maxCopiedBytes === 0 || !(context.counts ? paysForStrips(loop) : runsInStrips(loop))) {
    loop.counted = undefined;
  }
  if (loop.counted !== undefined || loop.nested) return;
  if (loop.copyable && size <= context.maxCopiedBytes) {
    loop.copies = countedLoops === undefined ? copiesOfSmall.exact : copiesOfSmall.estimated;
  }
}

/** What a loop that has been planned means to the one around it. */
export function encloseLoop(inner: LoopScan, outer: LoopScan, { counts }: ScanContext): void {
  outer.copyable = false;
  outer.open ||= inner.open;
  if (inner.charge === 'none' && !inner.nested) return;
  // With a look at the budget in it, then its rounds cannot be paid in advance; but where nothing is paid, they may be few.
  if (counts) outer.charge = 'header';
  else outer.nested = true;
}

/** Strips take more room than a check. */
function paysForStrips(loop: LoopScan): boolean {
  return loop.end - loop.at <= maxStripBytes && !isSteep(loop);
}

/** Where nothing is counted: whether a loop looks at the budget only every so many rounds, which are noted then. */
function runsInStrips(loop: LoopScan): boolean {
  const { counted, weight, blockType } = loop;
  if (counted === undefined || blockType !== emptyBlockType) return false;
  const rounds = Math.floor(maxUncountedCost / weight);
  if (rounds < 2 || rounds * Math.abs(counted.step) >= 2 ** 31) return false;
  loop.ahead = rounds;
  return true;
}

/**
 * Whether the steps of a loop are so large that a budget might pay for all the rounds it takes to come round to where it began: who
 * steps over its bound makes at least 2³² ÷ step of them, and would not be seen to go on for ever.
 */
function isSteep({ counted, weight }: LoopScan): boolean {
  return counted !== undefined && Math.abs(counted.step) > 2 * weight;
}

/** How many rounds a loop makes, if they are so few that it need not look at the budget: the region around pays for them. */
function freeRounds(counted: CountedLoop, cost: number, counts: boolean): number | undefined {
  const rounds = roundsOf(counted);
  if (rounds === undefined) return undefined;
  const few = counts ? rounds <= maxFreeRounds && rounds * cost <= maxFreeCost : rounds * cost <= maxUncountedCost;
  return few ? rounds : undefined;
}
