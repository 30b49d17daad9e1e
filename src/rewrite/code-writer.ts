/**
 * Gathers rewritten bodies into the contents of a code section, with their offset map and branch hints.
 * What a body looks like is body-writer.ts's business.
 */
import { WirqError } from '../errors.ts';
import { maxFunctionBytes } from '../wasm/limits.ts';
import type { Body, Module } from '../wasm/module.ts';
import { u32Size, Writer } from '../wasm/writer.ts';
import { BodyWriter } from './body-writer.ts';
import type { BranchHints } from './branch-hints.ts';
import type { FunctionPlan } from './function-plan.ts';
import type { Additions } from './layout.ts';
import { OffsetMap } from './offsets.ts';

export interface CodeOptions {
  readonly originalHints: BranchHints;
  /** Expected size in bytes. */
  readonly capacity: number;
}

/** Takes function after function; offsets in `offsets` count from the first body's size field. */
export class CodeWriter {
  readonly code: Writer;
  readonly offsets = new OffsetMap();
  /** Hints of the rewritten module. */
  readonly hints: BranchHints = new Map();
  readonly #module: Module;
  readonly #originalHints: BranchHints;
  readonly #writer: BodyWriter;

  constructor(module: Module, additions: Additions, options: CodeOptions) {
    this.#module = module;
    this.#originalHints = options.originalHints;
    this.#writer = new BodyWriter(module, additions.layout);
    this.code = new Writer(options.capacity);
  }

  /** Safepoints written so far. */
  get safepoints(): number {
    return this.#writer.safepoints;
  }

  /** Writes the body of own function `index`. */
  add(index: number, plan: FunctionPlan): void {
    if (leavesAsItIs(plan) && !this.#originalHints.has(index)) {
      this.#copy(this.#module.bodies[index - this.#module.importedFunctions]!);
      return;
    }
    this.#write(index, plan);
    const { body, runs } = this.#writer;
    const base = this.code.length + u32Size(body.length);
    for (let i = 0; i < runs.length; i += 3) this.offsets.add(runs[i]!, base + runs[i + 1]!, runs[i + 2]!);
    this.code.u32(body.length).bytes(body.view());
    this.#moveHints(index, this.#module.bodies[index - this.#module.importedFunctions]!);
  }

  /** An engine takes functions up to a size only: what has grown beyond it is written without copies of loops. */
  #write(index: number, plan: FunctionPlan): void {
    const before = this.#writer.safepoints;
    this.#writer.write(index, plan);
    if (this.#writer.body.length <= maxFunctionBytes) return;
    this.#writer.safepoints = before;
    this.#writer.write(index, { ...plan, copied: false });
    const { length } = this.#writer.body;
    if (length <= maxFunctionBytes) return;
    throw new WirqError('limit', `a function of ${length} bytes with its safepoints, over ${maxFunctionBytes}`, {
      place: {
        function: this.#module.functionName(index),
        offset: this.#module.bodies[index - this.#module.importedFunctions]!.start,
      },
      advice: 'a coarser granularity adds less; `loop` adds least',
    });
  }

  #copy({ start, end }: Body): void {
    this.code.u32(end - start);
    this.offsets.add(start, this.code.length, end - start);
    this.code.copy(this.#module.bytes, start, end);
  }

  /** Joins the user's hints for this function, moved to every copy of their branches, with those of the checks. */
  #moveHints(index: number, body: Body): void {
    const hints = [...this.#writer.hints];
    const { runs } = this.#writer;
    for (const { offset, likely } of this.#originalHints.get(index) ?? []) {
      const at = body.start + offset;
      for (let i = 0; i < runs.length; i += 3) {
        const into = at - runs[i]!;
        if (into >= 0 && into < runs[i + 2]!) hints.push({ offset: runs[i + 1]! + into, likely });
      }
    }
    if (hints.length > 0) this.hints.set(index, hints);
  }
}

/** Whether nothing is to be put into a function. */
function leavesAsItIs({ scan, entryCharge, checked, probed, exact }: FunctionPlan): boolean {
  if (checked || probed) return false;
  if (exact !== undefined) return exact.insertions.length === 0 && exact.loops.size === 0;
  return entryCharge === 0 && scan.loops.length === 0;
}
