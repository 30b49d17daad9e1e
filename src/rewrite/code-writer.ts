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
import { type BranchHints, branchHintSection, HintSection, packHint, readBranchHints } from './branch-hints.ts';
import type { FunctionPlan } from './function-plan.ts';
import type { Additions } from './layout.ts';
import type { OffsetMap } from './offsets.ts';

/** Takes function after function, in order; then `end` completes the section. */
export class CodeWriter {
  readonly #out: Writer;
  readonly #offsets: OffsetMap;
  readonly #module: Module;
  readonly #additions: Additions;
  readonly #originalHints: BranchHints;
  readonly #hints = new HintSection();
  readonly #writer: BodyWriter;
  /** Where the section begins, and what stands in it in the map. */
  readonly #start: number;
  readonly #mark: number;

  constructor(module: Module, additions: Additions, out: Writer, offsets: OffsetMap) {
    this.#module = module;
    this.#additions = additions;
    this.#out = out;
    this.#offsets = offsets;
    this.#start = out.length;
    this.#mark = offsets.mark();
    this.#originalHints = originalHints(module);
    this.#writer = new BodyWriter(module, additions.layout);
  }

  /** Safepoints written so far. */
  get safepoints(): number {
    return this.#writer.budget.safepoints;
  }

  /** Writes the body of own function `index`. */
  add(index: number, plan: FunctionPlan): void {
    if (leavesAsItIs(plan) && !this.#originalHints.has(index)) {
      this.#copy(this.#module.bodies[index - this.#module.importedFunctions]!);
      return;
    }
    this.#write(index, plan);
    const { body, runs } = this.#writer;
    this.#out.u32(body.length);
    const base = this.#out.length;
    for (let i = 0; i < runs.length; i += 3) this.#offsets.add(runs.at(i), base + runs.at(i + 1), runs.at(i + 2));
    this.#out.bytes(body.view());
    this.#moveHints(index, this.#module.bodies[index - this.#module.importedFunctions]!);
  }

  /** Appends what the host needs, and puts in front what only now is known: the section's size, and the hints before it. */
  end(): void {
    const addition = this.#additions.code();
    this.#out.bytes(addition.bytes);
    const count = this.#module.bodies.length + addition.count;
    const head = new Writer();
    this.#hints.write(head);
    head
      .u8(sectionIds.code)
      .u32(u32Size(count) + this.#out.length - this.#start)
      .u32(count);
    this.#out.insert(this.#start, head.view());
    this.#offsets.shift(this.#mark, head.length);
  }

  /** An engine takes functions up to a size only: what has grown beyond it is written without copies of loops. */
  #write(index: number, plan: FunctionPlan): void {
    const before = this.#writer.budget.safepoints;
    this.#writer.write(index, plan);
    if (this.#writer.body.length <= maxFunctionBytes) return;
    this.#writer.budget.safepoints = before;
    this.#writer.write(index, { ...plan, copied: false, peeled: false });
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
    this.#out.u32(end - start);
    this.#offsets.add(start, this.#out.length, end - start);
    this.#out.copy(this.#module.bytes, start, end);
  }

  /** Joins the user's hints for this function, moved to every copy of their branches, with those of the checks. */
  #moveHints(index: number, body: Body): void {
    const { runs, budget } = this.#writer;
    for (const { offset, likely } of this.#originalHints.get(index) ?? []) {
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
