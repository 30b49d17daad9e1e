/**
 * Blocks that are open while exact-scan.ts reads a function, and the paths that arrive at the label of each: what they owe, and
 * since when none of them looked at the budget.
 */

import type { Insertion } from './exact-insertions.ts';

/** What is known of looks at the budget on the path to some place. */
export interface Looks {
  /** How many loops are open around the first that the path has not passed a check in since its header. */
  unchecked: number;
  /** Whether a call that may have led back to the function may have returned since the last check. */
  dirty: boolean;
}

const noLabels: readonly number[] = [];

/** Reused from block to block: a large module has millions. */
export class Frame {
  effect = 0;
  blockType: number | undefined = undefined;
  catches = noLabels;
  /** Of a loop whose back edges meet: where its body begins. */
  loopAt: number | undefined = undefined;
  /** Of another loop, whether something may be owed at its header: each branch back settles that for itself. */
  owing = false;
  /** Owed before an `if`'s arms; −1 in unreachable code. */
  before = 0;
  /** How many loops are open around it. */
  loops = 0;
  readonly looksBefore: Looks = { unchecked: 0, dirty: false };
  /** The worst of what arrives. */
  readonly looks: Looks = { unchecked: 0, dirty: false };
  /** Paths that arrive: what is charged on each is told when the last has come. */
  firstEdge: Insertion | undefined = undefined;
  lastEdge: Insertion | undefined = undefined;
  /** Some edge cannot be charged for itself, so that nothing may be owed at the end. */
  settled = false;
  seenElse = false;

  begin(effect: number, blockType: number | undefined, before: number, loops: number, looks: Looks): void {
    this.effect = effect;
    this.blockType = blockType;
    this.catches = noLabels;
    this.loopAt = undefined;
    this.owing = false;
    this.before = before;
    this.loops = loops;
    this.looksBefore.unchecked = looks.unchecked;
    this.looksBefore.dirty = looks.dirty;
    this.looks.unchecked = loops;
    this.looks.dirty = false;
    this.firstEdge = undefined;
    this.lastEdge = undefined;
    this.settled = false;
    this.seenElse = false;
  }

  /** What is known on the path to here holds at most at the label. */
  arrive({ unchecked, dirty }: Looks): void {
    if (unchecked < this.looks.unchecked) this.looks.unchecked = unchecked;
    this.looks.dirty ||= dirty;
  }

  add(edge: Insertion): void {
    if (this.lastEdge === undefined) this.firstEdge = edge;
    else this.lastEdge.next = edge;
    this.lastEdge = edge;
  }
}

export function leastOwed(first: Insertion | undefined): number {
  let least = Number.POSITIVE_INFINITY;
  for (let edge = first; edge !== undefined; edge = edge.next) least = Math.min(least, edge.owed);
  return least;
}

/** The blocks that are open where a scan is, and what is known on the path to there. */
export class OpenBlocks {
  count = 0;
  /** How many of them are loops. */
  loops = 0;
  readonly looks: Looks = { unchecked: 0, dirty: false };
  /** Whether something has led to the label of the function itself. */
  exits = false;
  readonly #frames: Frame[] = [];

  clear(): void {
    this.count = this.loops = this.looks.unchecked = 0;
    this.looks.dirty = this.exits = false;
  }

  push(effect: number, blockType: number | undefined, owed: number): Frame {
    const frame = this.#frames[this.count] ?? new Frame();
    this.#frames[this.count++] = frame;
    frame.begin(effect, blockType, owed, this.loops, this.looks);
    return frame;
  }

  pop(): Frame {
    return this.#frames[--this.count]!;
  }

  at(label: number): Frame {
    if (label === this.count - 1) this.exits = true;
    return this.#frames[this.count - 1 - label]!;
  }

  /** The function itself. */
  get outermost(): Frame {
    return this.#frames[0]!;
  }

  /** All ways to here look at the budget. */
  looked(): void {
    this.looks.unchecked = this.loops;
    this.looks.dirty = false;
  }

  know({ unchecked, dirty }: Looks): void {
    this.looks.unchecked = unchecked;
    this.looks.dirty = dirty;
  }
}
