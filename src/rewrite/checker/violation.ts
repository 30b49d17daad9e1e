/**
 * What the checker reports: a typed list of promises that a rewritten module breaks, each with its place in both files, and the
 * figures it found while it looked. A violation is a mistake of the rewriter's, never of the user's module.
 */
import type { WirqError } from '../../errors.ts';

export type ViolationKind =
  | 'malformed' // one of the two modules is not well-formed
  | 'sections' // something outside the code was changed, moved or renumbered, or too much was added
  | 'appended' // an appended function does not do what it has to
  | 'order' // the instructions of the original do not appear in their order on some path
  | 'control' // a branch leads elsewhere, or drops other operands
  | 'budget' // added code touches what it may not, or leaves the budget wrong where somebody may look
  | 'safepoint' // a check is not followed by the call it is for, or tells the host something wrong
  | 'cycle' // a cycle of the control flow, or of calls, passes no safepoint
  | 'stretch' // more is counted between two safepoints than the bound allows
  | 'charge'; // what is charged is not what is executed, in the sense of the granularity

export interface Violation {
  readonly kind: ViolationKind;
  readonly message: string;
  /** The function's name; undefined outside code. */
  readonly function: string | undefined;
  /** Offset in the rewritten file. */
  readonly rewrittenOffset: number | undefined;
  /** Offset in the user's file, of the original instruction that was to come next. */
  readonly originalOffset: number | undefined;
}

/** Instructions between two safepoints, the worst that any path through any calls can make of it. */
export interface Stretches {
  /** As charged to the budget. */
  readonly charged: number;
  /** As executed. Returning out of a recursive call begins a new stretch: the depth of recursion is the engine's to bound. */
  readonly executed: number;
}

export interface CheckReport {
  /** None, if everything holds. */
  readonly violations: readonly Violation[];
  /** Tests of the budget on paths that can be reached. */
  readonly safepoints: number;
  readonly longestStretch: Stretches;
}

/** Collects violations: at most one a place, and not without end. */
export class Violations {
  readonly list: Violation[] = [];
  readonly #seen = new Set<string>();
  static readonly #most = 100;

  add(violation: Violation): void {
    const key = `${violation.kind} ${violation.rewrittenOffset} ${violation.originalOffset} ${violation.message}`;
    if (this.list.length >= Violations.#most || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.list.push(violation);
  }

  /** Outside all functions. */
  module(kind: ViolationKind, message: string, rewrittenOffset?: number, originalOffset?: number): void {
    this.add({ kind, message, function: undefined, rewrittenOffset, originalOffset });
  }

  malformed(which: string, error: WirqError): void {
    const offset = error.place?.offset;
    const original = which === 'original' ? offset : undefined;
    this.module(
      'malformed',
      `the ${which} module: ${error.message}`,
      original === undefined ? offset : undefined,
      original,
    );
  }
}

/** One line: what, where in both files. */
export function formatViolation(violation: Violation): string {
  const at = (offset: number | undefined, file: string): string =>
    offset === undefined ? '' : `, ${file} offset 0x${offset.toString(16)}`;
  const inside = violation.function === undefined ? 'module' : `function ${violation.function}`;
  const places = at(violation.rewrittenOffset, 'rewritten') + at(violation.originalOffset, 'original');
  return `${violation.kind}: ${violation.message} (${inside}${places})`;
}
