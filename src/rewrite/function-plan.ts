/** What is to be put into one function: decided by instrument.ts from the scans and the call graph, carried out by body-writer.ts. */
import type { Carriers } from './carriers.ts';
import type { ExactScan } from './exact-insertions.ts';
import type { FunctionScan, LoopScan } from './scan-types.ts';

export interface FunctionPlan {
  readonly scan: FunctionScan;
  /** What the entry charges; 0 where callers are charged. */
  readonly entryCharge: number;
  /** Whether the entry checks the budget. */
  readonly checked: boolean;
  /** Whether loops may stand several times, as the scan proposes; and whether the first round of those may stand before them. */
  readonly copied: boolean;
  readonly peeled: boolean;
  /** Whether V8 may write the function into others, as long as it stays short. */
  readonly short: boolean;
  /** Whether checks stand where they take little room, at the cost of time. */
  readonly compact: boolean;
  /** Whether loops in which nobody can look may have the budget in a local: a trap in one then finds an older count. */
  readonly secluded: boolean;
  /** Whether work is counted, or the budget only asked whether somebody wants attention. */
  readonly counts: boolean;
  readonly probed: boolean;
  readonly masked: boolean;
  readonly carriers: Carriers;
  /** Whether a call of this function leaves the budget alone, wherever it is. */
  readonly isLeaf: (callee: number) => boolean;
  /** Whether this function carries the budget; and whether it calls one that does. */
  readonly carries: boolean;
  readonly callsCarriers: boolean;
  /** Whether the budget is in its local from the beginning to the end, though counts are exact: then a trap finds it in the global. */
  readonly holds: boolean;
  /** Where to charge if the count is to be exact; then neither entry nor loops are charged as the scan says. */
  readonly exact: ExactScan | undefined;
}

/** Of a loop without its first round before it, where nothing is counted. */
const copiesInShort = 4;

/** How often a loop's body is written, the first round before it left out. */
export function copiesOf({ exact, copied, counts, short }: FunctionPlan, loop: LoopScan): number {
  if (!counts && short && copied && loop.copies > 1) return copiesInShort;
  if (exact === undefined) return copied ? loop.copies : 1;
  return copied && exact.loops.get(loop.at)?.copyable === true ? loop.copies : 1;
}

/** Whether the safepoint is called in the loop that looks, without another around it. */
export function hasCallWithin({ counts, exact, short }: FunctionPlan, loop: LoopScan): boolean {
  return short && (exact !== undefined || (!counts && loop.copies > 1));
}

/** Whether the budget can be in a local while a loop runs, and whether that is worth it: copies look at it rarely as it is. */
export function isSecluded(plan: FunctionPlan, loop: LoopScan): boolean {
  return (
    plan.secluded && !plan.holds && !loop.open && loop.sealed && loop.charge !== 'none' && copiesOf(plan, loop) === 1
  );
}

const i32 = 0x7f;
const i64 = 0x7e;
const none: readonly number[] = [];
const forBudget: readonly number[] = [i32];
const forStrips: readonly number[] = [i32, i32, i64];

/** Types of the locals that a function needs for the budget: those of strips (strip-code.ts) come behind that of the budget itself. */
export function budgetLocals(plan: FunctionPlan): readonly number[] {
  const { exact, scan } = plan;
  let needed = plan.carries || plan.holds;
  for (const loop of scan.loops) {
    const counted = exact === undefined && loop.charge === 'back-edge' && loop.counted !== undefined;
    if (counted) return plan.counts ? forStrips : forBudget;
    needed ||= isSecluded(plan, loop);
  }
  return needed ? forBudget : none;
}
