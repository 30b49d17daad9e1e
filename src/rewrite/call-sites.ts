/**
 * Whom a function calls, and lists of what is found in functions one after the other: each function keeps a copy without room to
 * spare. Most are short, many empty, and an array that is pushed to takes room for seventeen.
 */

/** Call sites, one element each: function indices called directly, type indices called through a table or a reference. */
export interface CallSites {
  readonly direct: readonly number[];
  readonly indirect: readonly number[];
  /** Of those, the functions that are called in place of a return; −1 for each called through a table or a reference. */
  readonly tails: readonly number[];
  /** Whether a continuation is entered: any function that something refers to may run. */
  readonly any: boolean;
}

const nothing: readonly never[] = [];
const noCalls: CallSites = { direct: nothing, indirect: nothing, tails: nothing, any: false };

/** `take` gives what was pushed since. */
export class Collected<T> {
  length = 0;
  readonly #items: T[] = [];

  push(item: T): void {
    this.#items[this.length++] = item;
  }

  take(): readonly T[] {
    const taken = this.length === 0 ? nothing : this.#items.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}

export class CollectedCalls {
  readonly direct = new Collected<number>();
  readonly indirect = new Collected<number>();
  readonly tails = new Collected<number>();
  any = false;

  clear(): void {
    this.direct.length = this.indirect.length = this.tails.length = 0;
    this.any = false;
  }

  take(): CallSites {
    const { direct, indirect, tails, any } = this;
    if (direct.length + indirect.length + tails.length === 0 && !any) return noCalls;
    this.any = false;
    return { direct: direct.take(), indirect: indirect.take(), tails: tails.take(), any };
  }
}
