/**
 * The control flow of one function body: what each instruction does to control, where it leads, and how many operands lie below.
 * Core specification 3.4 and 4.4 "Instructions"; made for comparing two bodies, so structure that does nothing is told apart from
 * instructions that do something. Operand types are the engine's business, their number is checked here.
 */
import { Effect, opcodeNamed } from '../../wasm/opcodes.ts';

const unreachable = opcodeNamed('unreachable');

/** What a node is to somebody who walks the flow. */
export const Kind = {
  /** Does nothing but lead on: structure, `br`, an edge that drops no operands. */
  step: 0,
  plain: 1,
  /** `if` or `br_if`: leads to `choices`, taken first. */
  condition: 2,
  /** Any other branch: br_table, br_on_…; leads to `choices`. */
  branch: 3,
  /** A call that returns; with labels (resume), leads to `choices` behind the next instruction. */
  call: 4,
  tailCall: 5,
  /** throw, rethrow, throw_ref, unreachable. */
  stop: 6,
  /** The end of the function. */
  exit: 7,
  /** A branch on its way, which drops operands from under those it keeps. */
  drop: 8,
} as const;

/** One clause of a try: what it catches, and where that leads. */
export interface Clause {
  /** What it catches, as the bytes say, labels left out. */
  readonly key: string;
  readonly target: number;
  /** Operands below those that the exception brings. */
  readonly base: number;
}

export interface TryBlock {
  /** The try around it, or the one it delegates to; −1 for none. */
  parent: number;
  readonly clauses: Clause[];
}

/** Numbers of edges before `settle`: this one and those below. −1 is no node at all. */
const firstProvisional = -2;

/**
 * Nodes are instructions in their order, and behind them one node for each branch edge (`edges` of them). Parallel arrays.
 * `opcode`, `start` and the immediates are there for instructions only; `start` has one element more, the end of the code.
 */
export class Flow {
  readonly opcode: number[] = [];
  readonly effect: number[] = [];
  /** Offset in the file. */
  readonly start: number[] = [];
  readonly first: number[] = [];
  readonly index: number[] = [];
  readonly constant: number[] = [];
  readonly kind: number[] = [];
  /** Operands on the stack before the node; only meaningful where control can come. */
  readonly height: number[] = [];
  /** The only next node, or the first; −1 where control ends. */
  readonly next: number[] = [];
  /** For condition and branch nodes, and calls with labels. */
  readonly choices = new Map<number, number[]>();
  /** Index of the innermost try around an instruction; −1 for none. */
  readonly tryOf: number[] = [];
  readonly tries: TryBlock[] = [];
  /** For drop nodes, by node: how many operands are dropped, how many kept. */
  readonly drops = new Map<number, { readonly dropped: number; readonly kept: number }>();
  /** For a rethrow, by node: the try whose exception it throws. */
  readonly rethrows = new Map<number, number>();
  /** Parameters and declared locals; groups of declared ones and their place in the file. */
  localCount = 0;
  localGroups = 0;
  localsStart = 0;
  localsEnd = 0;
  /** How many nodes are instructions. */
  count = 0;

  get size(): number {
    return this.kind.length;
  }

  /** The instruction a node stands for: for an edge, the branch before it. */
  instructionOf(node: number): number {
    return node < this.count ? node : this.#edgeOf[node - this.count]!;
  }

  /** Places of instructions in the file, [from, to). */
  end(node: number): number {
    return this.start[node + 1]!;
  }

  /** Past an edge that does nothing. */
  onward(node: number): number {
    return node >= this.count && this.kind[node] === Kind.step ? this.next[node]! : node;
  }

  /** Everything that a branch leads to, and the entry: by node, 1 where paths meet or begin. */
  junctions(): Uint8Array {
    const junctions = new Uint8Array(this.size);
    junctions[0] = 1;
    const note = (node: number): void => {
      if (node >= 0) junctions[this.onward(node)] = 1;
    };
    for (let node = 0; node < this.count; node++) if (this.next[node] !== node + 1) note(this.next[node]!);
    for (let node = this.count; node < this.size; node++) note(this.next[node]!);
    for (const nodes of this.choices.values()) nodes.forEach(note);
    for (const { clauses } of this.tries) for (const { target } of clauses) note(target);
    return junctions;
  }

  readonly #edgeOf: number[] = [];

  /** Adds an edge node while the number of instructions is not known yet; gives its provisional, negative number. */
  addEdge(from: number): number {
    return firstProvisional - (this.#edgeOf.push(from) - 1);
  }

  /** Gives edges their final numbers. `targets` are the nodes that they lead to. */
  settle(targets: readonly number[], drops: ReadonlyMap<number, { dropped: number; kept: number }>): void {
    this.count = this.kind.length;
    const final = (node: number): number => (node <= firstProvisional ? this.count + firstProvisional - node : node);
    this.next.forEach((node, i) => {
      this.next[i] = final(node);
    });
    for (const [node, choices] of this.choices) this.choices.set(node, choices.map(final));
    for (const { clauses } of this.tries) {
      clauses.forEach((clause, i) => {
        clauses[i] = { ...clause, target: final(clause.target) };
      });
    }
    targets.forEach((target, edge) => {
      const drop = drops.get(edge);
      const node = this.kind.push(drop === undefined ? Kind.step : Kind.drop) - 1;
      this.next.push(target);
      this.height.push(this.height[this.#edgeOf[edge]!]!);
      if (drop !== undefined) this.drops.set(node, drop);
    });
  }
}

/** Whether an instruction ends everything. */
export function isTrap(opcode: number | undefined): boolean {
  return opcode === unreachable;
}

/** Effects of instructions that can throw, or let an exception through. */
export function mayThrow(effect: number): boolean {
  switch (effect) {
    case Effect.call:
    case Effect.callIndirect:
    case Effect.callRef:
    case Effect.stop:
    case Effect.switch:
      return true;
    default:
      return false;
  }
}
