/** What scans of functions find out, and ask: see function-scan.ts, which fills them in, and module-scan.ts, which answers. */

import type { Bulk } from './bulk.ts';
import type { CallSites } from './call-sites.ts';
import type { CountedLoop, CountedLoops } from './counted-loops.ts';
import type { Strides } from './strides.ts';

/** A loop of the original function. */
export interface LoopScan {
  /** Offset of the first instruction of its body: where each iteration begins. */
  readonly at: number;
  /** Offset of the `loop` itself, and of its `end`. */
  readonly header: number;
  end: number;
  /** How many blocks are open around it, that of the function among them. */
  readonly depth: number;
  /** As Instructions.index gives it. */
  readonly blockType: number;
  weight: number;
  /**
   * Where it is charged and checked: at the header for every iteration, or at the back edge, for those behind the first; or not
   * at all, because it makes few rounds, for which the region around pays.
   */
  charge: 'header' | 'back-edge' | 'none';
  /** If it counts: how, so that it can look at the budget before it begins. */
  counted: CountedLoop | undefined;
  /** How many rounds it may make without a look at the budget: 1 where it looks at its branch back. */
  ahead: number;
  /** Whether a loop in it looks at the budget, where nothing is counted. */
  nested: boolean;
  /** How often its body is written: more than once only if charged at the back edge. */
  copies: number;
  /** How many branches lead back; more than one where it cannot be told from other branches. */
  branchesBack: number;
  /** While it is scanned: whether its body can stand more than once. */
  copyable: boolean;
  /** Whether something in it may look at the budget, or leaves other than by a branch: calls that return, exceptions. */
  open: boolean;
  /** Whether it calls anything that returns. */
  calls: boolean;
  /** Whether every branch out of it can be told from one that stays, to do something on the way. */
  sealed: boolean;
  /** Whether anything leads out of it but its end. */
  exits: boolean;
}

/** What is charged as a whole: a function body, or an iteration of a loop. */
export interface Region {
  /** Cost of the longest path to the current instruction; −1 in unreachable code. */
  cost: number;
  longest: number;
  readonly loop: LoopScan | undefined;
  /** Where the straight code before the loop began: no path joins between there and its header. */
  readonly straight: number;
}

/** What a scan has to know of the other functions. */
export interface ScanContext {
  /** How many functions have a prologue that moves a global, by global: the scan adds its own. */
  readonly prologues: Map<number, number>;
  /** Bodies of innermost loops up to this size are written several times. */
  readonly maxCopiedBytes: number;
  /** Undefined where counts are exact: what a round takes has to be known then. */
  readonly countedLoops: CountedLoops | undefined;
  /** Filled in where exact scans come by again, and can pass over what this one has: no scan is then made in the middle of another. */
  readonly strides: Strides | undefined;
  /** Whether work is counted, and can be paid in advance. */
  readonly counts: boolean;
  /** What a call adds to its caller's path, or undefined where the callee is charged at its own entry. */
  chargeOfCall(callee: number, caller: number): number | undefined;
  /** Whether a call of this function, charged to the caller, leaves the budget alone. */
  isLeaf(callee: number): boolean;
  /** What a call through a table or a reference adds to the path of who calls. */
  chargeOfIndirectCall(type: number): number;
  /** Whether a call of this function may take the budget along: see carriers.ts. */
  mayCarry(callee: number): boolean;
}

export interface FunctionScan {
  /** Parameters and declared locals: the index the next local gets. */
  readonly localCount: number;
  /** Groups in the local declarations, and where those begin (behind their count) and the code begins. */
  readonly localGroups: number;
  readonly localsAt: number;
  readonly codeAt: number;
  /** In order of their offsets. */
  readonly loops: readonly LoopScan[];
  /** In order too: instructions that work on a length, where control can come. */
  readonly bulks: readonly Bulk[];
  readonly entryWeight: number;
  /** Whether control can go more than one way. */
  readonly branches: boolean;
  /** Calls that may use the budget, outside all loops and in loops. */
  readonly entryCalls: CallSites;
  readonly loopCalls: CallSites;
  /** Uses exception handling or stack switching, so that control may come back other than by returning; or waits in memory. */
  readonly special: boolean;
  /** Whether a branch leads to the end of the function, by its outermost label. */
  readonly branchesOut: boolean;
  /** The first of its strides (strides.ts), where those are kept. */
  readonly firstStride: number;
}
