/** Collects what exact-scan.ts puts into a function: as it comes along, and on edges once it is known what they are to owe. */
import type { Edge } from './exact-frames.ts';
import type { Insertion } from './exact-insertions.ts';

export class InsertionList {
  /** Whether nobody can look at the budget in what was scanned. */
  blind = true;
  /** Where the last check stands. */
  lastCheck = 0;
  readonly #list: Insertion[] = [];

  add(insertion: Insertion): void {
    this.#list.push(insertion);
    if (!insertion.checked) return;
    this.blind = false;
    this.lastCheck = Math.max(this.lastCheck, insertion.at);
  }

  /** Charges edges so that all of them owe the same. With `checksAll` those are checked that owe nothing then. */
  level(first: Edge, owed: number, checksAll: boolean): void {
    for (let edge: Edge | undefined = first; edge !== undefined; edge = edge.next) {
      const amount = edge.owed - owed;
      if (amount === 0 && !edge.checked) continue;
      const checked = edge.checked || (checksAll && owed === 0 && amount > 0);
      const kind = edge.kind === 'charge' && checked ? 'check' : edge.kind;
      this.add({ at: edge.at, kind, amount, checked, owed });
    }
  }

  /** The same for edges that meet where the budget is looked at in any case. */
  levelBeforeCheck(first: Edge, owed: number): void {
    for (let edge: Edge | undefined = first; edge !== undefined; edge = edge.next) {
      const amount = edge.owed - owed;
      if (amount > 0) this.add({ at: edge.at, kind: edge.kind, amount, checked: false });
    }
  }

  /** By rising offset. Stable: what was put at one place stays in order; but a return takes what stands before it along. */
  sorted(): readonly Insertion[] {
    return this.#list.sort((a, b) => a.at - b.at || Number(a.kind === 'return') - Number(b.kind === 'return'));
  }
}
