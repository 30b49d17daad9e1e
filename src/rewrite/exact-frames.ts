/**
 * Blocks that are open while exact-scan.ts reads a function, and the paths that arrive at the label of each: what they owe, and
 * since when none of them looked at the budget.
 */

/** A path that arrives. */
export interface Edge {
  readonly at: number;
  /** As an insertion's. */
  readonly kind: 'charge' | 'branch' | 'else';
  /** Owed on arrival. */
  readonly owed: number;
  /** Whether the budget has to be looked at on it. */
  readonly checked: boolean;
  /** Of the same block: a list without an array, of which a large module would need a million. */
  next: Edge | undefined;
}

/** What is known of looks at the budget on the path to some place. */
export interface Looks {
  /** How many loops are open around the first that the path has not passed a check in since its header. */
  unchecked: number;
  /** Whether a call that may have led back to the function may have returned since the last check. */
  dirty: boolean;
}

export interface FrameStart {
  readonly effect: number;
  readonly blockType: number | undefined;
  readonly catches: readonly number[];
  /** Of a loop whose back edges meet: where its body begins. */
  readonly loopAt: number | undefined;
  /** Of another loop, whether something may be owed at its header: each branch back settles that for itself. */
  readonly owing: boolean;
}

/** Reused from block to block: a large module has millions. */
export class Frame {
  effect = 0;
  blockType: number | undefined = undefined;
  catches: readonly number[] = [];
  loopAt: number | undefined = undefined;
  owing = false;
  /** Owed before an `if`'s arms; −1 in unreachable code. */
  before = 0;
  /** How many loops are open around it. */
  loops = 0;
  readonly looksBefore: Looks = { unchecked: 0, dirty: false };
  /** The worst of what arrives. */
  readonly looks: Looks = { unchecked: 0, dirty: false };
  firstEdge: Edge | undefined = undefined;
  lastEdge: Edge | undefined = undefined;
  /** Some edge cannot be charged for itself, so that nothing may be owed at the end. */
  settled = false;
  seenElse = false;

  begin({ effect, blockType, catches, loopAt, owing }: FrameStart, before: number, loops: number, looks: Looks): void {
    this.effect = effect;
    this.blockType = blockType;
    this.catches = catches;
    this.loopAt = loopAt;
    this.owing = owing;
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

  add(edge: Edge): void {
    if (this.lastEdge === undefined) this.firstEdge = edge;
    else this.lastEdge.next = edge;
    this.lastEdge = edge;
  }
}

export function leastOwed(first: Edge | undefined): number {
  let least = Number.POSITIVE_INFINITY;
  for (let edge = first; edge !== undefined; edge = edge.next) least = Math.min(least, edge.owed);
  return least;
}
