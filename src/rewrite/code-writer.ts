/**
 * Writes the code section and the branch hints before it, body after body, straight into the rewritten module: large ones are
 * held once. What a body looks like is body-writer.ts's business.
 */
import { WirqError } from '../errors.ts';
import { maxFunctionBytes } from '../wasm/limits.ts';
import type { Body, Module } from '../wasm/module.ts';
import { sectionIds } from '../wasm/section-ids.ts';
import { u32Size, Writer } from '../wasm/writer.ts';
import { BodyWriter } from './body-writer.ts';
import {
  type BranchHint,
  type BranchHints,
  branchHintSection,
  HintSection,
  packHint,
  readBranchHints,
} from './branch-hints.ts';
import type { FunctionPlan } from './function-plan.ts';
import type { Additions } from './layout.ts';
import type { OffsetMap } from './offsets.ts';

const noHints: readonly BranchHint[] = [];

/** Where it writes. */
export interface CodeOutput {
  readonly out: Writer;
  readonly offsets: OffsetMap;
  /** A guess at how many bytes of hints there will be. */
  readonly hintBytes: number;
}

/** Takes function after function, in order; then `end` completes the section. */
export class CodeWriter {
  readonly #out: Writer;
  readonly #offsets: OffsetMap;
  readonly #module: Module;
  readonly #additions: Additions;
  readonly #originalHints: BranchHints;
  readonly #hints: HintSection;
  readonly #writer: BodyWriter;
  /** Where the section begins, and what stands in it in the map. */
  readonly #start: number;
  readonly #mark: number;

  constructor(module: Module, additions: Additions, { out, offsets, hintBytes }: CodeOutput) {
    this.#hints = new HintSection(hintBytes);
    this.#module = module;
    this.#additions = additions;
    this.#out = out;
    this.#offsets = offsets;
    this.#start = out.length;
    this.#mark = offsets.mark();
    this.#originalHints = originalHints(module);
    this.#writer = new BodyWriter(module, additions.layout, out);
  }

  /** Safepoints written so far. */
  get safepoints(): number {
    return this.#writer.budget.safepoints;
  }

  /** Writes the body of own function `index`. */
  add(index: number, plan: FunctionPlan): void {
    const body = this.#module.bodies[index - this.#module.importedFunctions]!;
    if (leavesAsItIs(plan) && !this.#originalHints.has(index)) {
      this.#copy(body);
      return;
    }
    const guess = body.end - body.start;
    const begun = this.#out.beginSized(guess);
    this.#write(index, plan, begun);
    const base = this.#out.endSized(begun, guess);
    const { runs } = this.#writer;
    for (let i = 0; i < runs.length; i += 3) this.#offsets.add(runs.at(i), base + runs.at(i + 1), runs.at(i + 2));
    this.#moveHints(index, body);
  }

  /** Appends what the host needs, and puts in front what only now is known: the section's size, and the hints before it. */
  end(): void {
    const addition = this.#additions.code();
    this.#out.bytes(addition.bytes);
    const count = this.#module.bodies.length + addition.count;
    const head = new Writer(16)
      .u8(sectionIds.code)
      .u32(u32Size(count) + this.#out.length - this.#start)
      .u32(count);
    const inserted = this.#hints.size + head.length;
    this.#out.insert(this.#start, inserted, (out) => {
      this.#hints.write(out);
      out.bytes(head.view());
    });
    this.#offsets.shift(this.#mark, inserted);
  }

  /** An engine takes functions up to a size only: what has grown beyond it is written without copies of loops. */
  #write(index: number, plan: FunctionPlan, start: number): void {
    const before = this.#writer.budget.safepoints;
    this.#writer.write(index, plan);
    if (this.#out.length - start <= maxFunctionBytes) return;
    this.#writer.budget.safepoints = before;
    this.#out.rewind(start);
    this.#writer.write(index, { ...plan, copied: false, peeled: false });
    const length = this.#out.length - start;
    if (length <= maxFunctionBytes) return;
    throw new WirqError('limit', `a function of ${length} bytes with its safepoints, over ${maxFunctionBytes}`, {
      place: {
        function: this.#module.functionName(index),
        offset: this.#module.bodies[index - this.#module.importedFunctions]!.start,
      },
      advice:
        plan.exact === undefined
          ? 'nothing adds less than `loop`, where small loops are not unrolled: divide the function'
          : 'a coarser granularity adds less; `loop` adds least',
    });
  }

  #copy({ start, end }: Body): void {
    this.#out.u32(end - start);
    this.#offsets.add(start, this.#out.length, end - start);
    this.#out.copy(this.#module.bytes, start, end);
  }

  /** Joins the user's hints for this function, moved to every copy of their branches, with those of the checks. */
  #moveHints(index: number, body: Body): void {
    const { runs, budget } = this.#writer;
    for (const { offset, likely } of this.#originalHints.get(index) ?? noHints) {
      const at = body.start + offset;
      for (let i = 0; i < runs.length; i += 3) {
        const into = at - runs.at(i);
        if (into >= 0 && into < runs.at(i + 2)) budget.hints.push(packHint(runs.at(i + 1) + into, likely));
      }
    }
    this.#hints.add(index, budget.hints);
  }
}

function originalHints(module: Module): BranchHints {
  const contents = module.customSection(branchHintSection);
  return contents === undefined ? new Map() : readBranchHints(contents);
}

/** Whether nothing is to be put into a function. */
function leavesAsItIs({ scan, entryCharge, checked, probed, exact, carries, callsCarriers }: FunctionPlan): boolean {
  if (checked || probed || carries || callsCarriers) return false;
  if (exact !== undefined) return exact.insertions.length === 0 && exact.loops.size === 0 && exact.exitCharge === 0;
  return entryCharge === 0 && scan.loops.length === 0 && scan.bulks.length === 0;
}
