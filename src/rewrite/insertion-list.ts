/**
 * Collects what exact-scan.ts puts into a function, by rising offset: also paths to labels, of which it turns out later whether
 * something is to be charged on them.
 */
import { Insertion, type InsertionKind } from './exact-insertions.ts';

/** Used again and again, with the insertions in it: those behind `length` are not there. */
export class InsertionList {
  length = 0;
  /** Whether nobody can look at the budget in what was scanned. */
  blind = true;
  /** Where the last check stands. */
  lastCheck = 0;
  readonly #items: Insertion[] = [];
  #needless = 0;

  clear(): void {
    this.length = 0;
    this.blind = true;
    this.lastCheck = 0;
    this.#needless = 0;
  }

  /** Undefined behind the last. */
  at(i: number): Insertion | undefined {
    return i < this.length ? this.#items[i] : undefined;
  }

  #next(): Insertion {
    if (this.length === this.#items.length) this.#items.push(new Insertion());
    return this.#items[this.length++]!;
  }

  add(at: number, kind: InsertionKind, amount: number, checked = false): Insertion {
    if (checked) this.#noteCheck(at);
    return this.#next().set(at, kind, amount, checked);
  }

  /** A path to a label, which owes so much. */
  addEdge(at: number, kind: InsertionKind, owed: number, checked: boolean): Insertion {
    const edge = this.#next().set(at, kind, 0, checked);
    edge.owed = owed;
    return edge;
  }

  #noteCheck(at: number): void {
    this.blind = false;
    this.lastCheck = Math.max(this.lastCheck, at);
  }

  /** Charges edges so that all of them owe the same. With `checksAll` those are checked that owe nothing then. */
  level(first: Insertion, owed: number, checksAll: boolean): void {
    for (let edge: Insertion | undefined = first; edge !== undefined; edge = edge.next) {
      edge.amount = edge.owed - owed;
      edge.owed = owed;
      edge.checked ||= checksAll && owed === 0 && edge.amount > 0;
      if (edge.checked) {
        if (edge.kind === 'charge') edge.kind = 'check';
        this.#noteCheck(edge.at);
      } else if (edge.amount === 0) this.#drop(edge);
    }
  }

  /** The same for edges that meet where the budget is looked at in any case. */
  levelBeforeCheck(first: Insertion, owed: number): void {
    for (let edge: Insertion | undefined = first; edge !== undefined; edge = edge.next) {
      edge.amount = edge.owed - owed;
      edge.owed = 0;
      edge.checked = false;
      if (edge.amount === 0) this.#drop(edge);
    }
  }

  #drop(edge: Insertion): void {
    edge.kind = 'nothing';
    this.#needless++;
  }

  /** Leaves what is needed. */
  sift(): void {
    if (this.#needless === 0) return;
    const items = this.#items;
    let kept = 0;
    for (let i = 0; i < this.length; i++) {
      const insertion = items[i]!;
      if (insertion.kind === 'nothing') continue;
      items[i] = items[kept]!;
      items[kept++] = insertion;
    }
    this.length = kept;
    this.#needless = 0;
  }
}
