/** What is to be put into one function: decided by instrument.ts from the scans and the call graph, carried out by body-writer.ts. */
import type { ExactScan } from './exact-scan.ts';
import type { FunctionScan } from './scan-types.ts';

export interface FunctionPlan {
  readonly scan: FunctionScan;
  /** What the entry charges; 0 where callers are charged. */
  readonly entryCharge: number;
  /** Whether the entry checks the budget. */
  readonly checked: boolean;
  /** Whether loops may stand several times, as the scan proposes; and whether the first round of those may stand before them. */
  readonly copied: boolean;
  readonly peeled: boolean;
  /** Whether loops in which nobody can look may have the budget in a local: a trap in one then finds an older count. */
  readonly secluded: boolean;
  /** Whether work is counted, or the budget only asked whether somebody wants attention. */
  readonly counts: boolean;
  readonly probed: boolean;
  readonly masked: boolean;
  /** Where to charge if the count is to be exact; then neither entry nor loops are charged as the scan says. */
  readonly exact: ExactScan | undefined;
}
