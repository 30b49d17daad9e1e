/**
 * The control flow of one function as a graph of its instructions, for the checker. Made from the bytes alone: it shares nothing
 * with the rewriter but the reading of instructions, so that a mistake there cannot hide here.
 */
import { Instructions } from '../wasm/instructions.ts';
import type { Module } from '../wasm/module.ts';
import { costOf, Effect } from '../wasm/opcodes.ts';
import { readValueType } from '../wasm/types.ts';

export interface Node {
  /** Offset in the file, and that of the instruction behind it. */
  readonly offset: number;
  readonly end: number;
  readonly opcode: number;
  readonly effect: number;
  /** Opcode table's cost. */
  readonly cost: number;
  /** Immediate: function of a call, type of an indirect one, index of a local or global, value of a constant. */
  readonly immediate: number;
  /** Nodes that may follow, in the order taken, not taken; `exit` for leaving the function. */
  readonly next: number[];
}

/** In place of a node: the function returns. */
export const exit = -1;

interface Frame {
  readonly effect: number;
  /** Nodes with a branch to the end of the block, which is not known yet: [node, place in its `next`]. */
  readonly pending: [node: number, place: number][];
  /** For a loop: where its label leads. */
  readonly header: number;
  /** For an if without an else yet: the node that chooses. */
  choice: number;
  /** Index of the first node that may throw inside. */
  throwers: number;
  readonly catches: readonly number[];
}

/** Reads the body of own function number `i` and links its instructions. */
export function functionGraph(module: Module, i: number): readonly Node[] {
  return new GraphReader(module, i).read();
}

class GraphReader {
  readonly #code: Instructions;
  readonly #nodes: Node[] = [];
  readonly #frames: Frame[] = [];
  readonly #throwers: number[] = [];

  constructor(module: Module, i: number) {
    const { start, end } = module.bodies[i]!;
    this.#code = new Instructions(module.bytes, start, end);
  }

  read(): readonly Node[] {
    const code = this.#code;
    for (let groups = code.u32(); groups > 0; groups--) {
      code.u32();
      readValueType(code);
    }
    this.#frames.push(this.#frame(Effect.block, []));
    while (this.#frames.length > 0) {
      code.next();
      this.#add();
    }
    return this.#nodes;
  }

  #frame(effect: number, catches: readonly number[]): Frame {
    return { effect, pending: [], header: this.#nodes.length, choice: -1, throwers: this.#throwers.length, catches };
  }

  #add(): void {
    const code = this.#code;
    const { start, offset, opcode, effect } = code;
    const immediate = effect === Effect.plain ? plainImmediate(code) : code.first;
    const node: Node = { offset: start, end: offset, opcode, effect, cost: costOf[opcode]!, immediate, next: [] };
    const self = this.#nodes.push(node) - 1;
    switch (effect) {
      case Effect.block:
      case Effect.try:
      case Effect.loop:
        node.next.push(self + 1);
        this.#frames.push(this.#frame(effect, []));
        break;
      case Effect.tryTable:
        node.next.push(self + 1);
        this.#frames.push(this.#frame(effect, [...code.labels]));
        break;
      case Effect.if:
        node.next.push(self + 1, exit);
        this.#frames.push({ ...this.#frame(effect, []), choice: self });
        break;
      case Effect.else:
      case Effect.catch:
        this.#arm(self);
        break;
      case Effect.end:
      case Effect.delegate:
        this.#end(self);
        break;
      case Effect.br:
        this.#branch(self, code.index);
        break;
      case Effect.brIf:
        this.#branch(self, code.index);
        node.next.push(self + 1);
        break;
      case Effect.brTable:
        for (const label of code.labels) this.#branch(self, label);
        break;
      default:
        this.#straight(self, node);
    }
  }

  #straight(self: number, node: Node): void {
    switch (node.effect) {
      case Effect.plain:
        node.next.push(self + 1);
        return;
      case Effect.switch:
        node.next.push(self + 1);
        for (const label of this.#code.labels) this.#branch(self, label);
        break;
      case Effect.call:
      case Effect.callIndirect:
      case Effect.callRef:
        node.next.push(self + 1);
        break;
      case Effect.stop:
        break;
      default:
        node.next.push(exit);
    }
    this.#throwers.push(self);
  }

  /** An else or a catch: the arm before it ends here and goes to the end of the block. */
  #arm(self: number): void {
    const frame = this.#frames[this.#frames.length - 1]!;
    const node = this.#nodes[self]!;
    node.next.push(exit);
    frame.pending.push([self, 0]);
    // The arm's own code begins behind the `else`: a node that stands for its beginning is the instruction that follows.
    if (frame.choice >= 0) {
      this.#nodes[frame.choice]!.next[1] = self + 1;
      frame.choice = -1;
    }
    if (node.effect === Effect.catch) {
      for (const thrower of this.#throwers.slice(frame.throwers)) this.#nodes[thrower]!.next.push(self + 1);
    }
  }

  #end(self: number): void {
    const frame = this.#frames.pop()!;
    const node = this.#nodes[self]!;
    for (const [from, place] of frame.pending) this.#nodes[from]!.next[place] = self;
    if (frame.choice >= 0) this.#nodes[frame.choice]!.next[1] = self;
    node.next.push(this.#frames.length === 0 ? exit : self + 1);
    for (const label of frame.catches) {
      for (const thrower of this.#throwers.slice(frame.throwers)) this.#branch(thrower, label);
    }
    // What leaves a try whose handlers are known still may be caught further out: it stays on the list.
  }

  #branch(from: number, label: number): void {
    const frame = this.#frames[this.#frames.length - 1 - label]!;
    const { next } = this.#nodes[from]!;
    if (frame.effect === Effect.loop) next.push(frame.header);
    else frame.pending.push([from, next.push(exit) - 1]);
  }
}

function plainImmediate(code: Instructions): number {
  return code.opcode === 0x41 ? code.constant : code.first;
}
