/**
 * What an exact scan is asked, and finds: what is to be put where. exact-scan.ts decides, body-writer.ts carries out.
 */
import type { Bulk } from './bulk.ts';
import type { InsertionList } from './insertion-list.ts';

export type ExactGranularity = 'block' | 'access' | 'instruction';

export interface ExactOptions {
  /** Whether the budget is in a local for the whole function. */
  readonly local: boolean;
  /** Whether the function can call itself: then its calls and exits are safepoints. */
  readonly cyclic: boolean;
  /** What is to stay owed where the function returns; undefined for as little as some way to there owes. */
  readonly owed: number | undefined;
}

/**
 * `charge` takes the amount from the budget, `check` also calls the safepoint if that leaves it below zero; `branch` makes the br_if
 * there charge, or check, when it is taken; `else` gives an `if` without one an else that charges; `length` keeps that of the bulk
 * instruction, and `bulk`, behind it, charges for it too and checks.
 *
 * Where the budget is in its local for the whole function (budget-homes.ts), `lend` charges and writes it to its global, `resume` reads
 * it back; and `return` makes the return there a branch to where the function gives it back. `carry` hands it to a function that
 * carries it, and takes it back, wherever it is. `nothing` is what turned out not to be needed.
 */
export type InsertionKind =
  | 'charge'
  | 'check'
  | 'branch'
  | 'else'
  | 'length'
  | 'bulk'
  | 'lend'
  | 'resume'
  | 'carry'
  | 'return'
  | 'nothing';

/** Something to put in front of the instruction at `at`. Large modules have a million: so they are alike, and used again. */
export class Insertion {
  at = 0;
  kind: InsertionKind = 'nothing';
  amount = 0;
  checked = false;
  /** What stays owed behind it. For a path to a label, until all of those are known: what is owed on it. */
  owed = 0;
  /** For `length` and `bulk`. */
  bulk: Bulk | undefined = undefined;
  /** For `return`: the label. */
  target = 0;
  /** For `carry` and `return`: where the instruction ends. */
  end = 0;
  /** For a check whose budget is in its local: whether it is in a loop that nothing leaves but branches, where the global may lag. */
  closed = false;
  /** For a path to a label: the next to the same. */
  next: Insertion | undefined = undefined;

  set(at: number, kind: InsertionKind, amount: number, checked: boolean): this {
    this.at = at;
    this.kind = kind;
    this.amount = amount;
    this.checked = checked;
    this.owed = 0;
    this.bulk = undefined;
    this.target = 0;
    this.end = 0;
    this.closed = false;
    this.next = undefined;
    return this;
  }
}

/** A loop that is written with its check at the back edge. */
export interface ExactLoop {
  /** What an iteration adds to what is owed: charged at the back edge. */
  readonly weight: number;
  /** Owed at the header. */
  readonly base: number;
  /** Whether its body may stand several times: a check in a copy would not see what the copies before it owe. */
  readonly copyable: boolean;
}

export interface ExactScan {
  /** By rising offset. */
  readonly insertions: InsertionList;
  /** By LoopScan.at; other loops are copied as they stand. */
  readonly loops: ReadonlyMap<number, ExactLoop>;
  /** What stays owed where the function returns. */
  readonly owed: number;
  /** What all ways to the end have in common, charged there: only where the budget is in its local. */
  readonly exitCharge: number;
  /** Whether something leaves the function from within. */
  readonly exits: boolean;
  /** Whether nobody can look at the budget in it. */
  readonly blind: boolean;
}
