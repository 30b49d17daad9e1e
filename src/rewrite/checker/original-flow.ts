/**
 * The original function as lockstep.ts walks it: from one instruction that does something to the next, passing over structure and
 * branches, whose cost is added up. Where it would go round for ever among those (`loop br 0 end`) it *spins*.
 */
import { costOf, Effect, Imm, immediatesOf, opcodeNamed } from '../../wasm/opcodes.ts';
import { type Flow, Kind } from './flow.ts';
import { anybody, type Callee, calledThrough, nobody } from './path-graph.ts';

const bulk = new Set(['memory.init', 'memory.copy', 'memory.fill'].map(opcodeNamed));

const suspend = opcodeNamed('suspend');

export const spinning = (node: number): number => -2 - node;
export const isSpinning = (original: number): boolean => original < -1;

export class OriginalFlow {
  readonly flow: Flow;
  /** By node: the next node that does something, or `spinning`; −1 while unknown. And the cost of what is passed over. */
  readonly #settled: Int32Array;
  readonly #cost: Float64Array;

  constructor(flow: Flow) {
    this.flow = flow;
    this.#settled = new Int32Array(flow.size).fill(-1);
    this.#cost = new Float64Array(flow.size);
  }

  /** What is executed next from `node` on. */
  settle(node: number): number {
    const known = this.#settled[node]!;
    return known === -1 ? this.#walk(node) : known;
  }

  /** Cost of what stands between `node` and `settle(node)`. */
  costTo(node: number): number {
    this.settle(node);
    return this.#cost[node]!;
  }

  /** Cost of the node itself. */
  cost(node: number): number {
    return node < this.flow.count ? costOf[this.flow.opcode[node]!]! : 0;
  }

  /** Whether the node loads or stores: has an address in linear memory, or works on a stretch of it. */
  isAccess(node: number): boolean {
    if (node >= this.flow.count) return false;
    const opcode = this.flow.opcode[node]!;
    return immediatesOf[4 * opcode] === Imm.memarg || bulk.has(opcode);
  }

  /** Whom a call calls. */
  calleeOf(node: number): Callee {
    const { effect, first, opcode } = this.flow;
    if (effect[node] === Effect.call || effect[node] === Effect.returnCall) return first[node]!;
    if (effect[node] !== Effect.switch) return calledThrough(first[node]!);
    return opcode[node] === suspend ? nobody : anybody;
  }

  #walk(from: number): number {
    const { kind, next } = this.flow;
    const passed: number[] = [];
    const onWay = new Set<number>();
    let node = from;
    let target = -1;
    let cost = 0;
    for (;;) {
      if (this.#settled[node] !== -1) {
        target = this.#settled[node]!;
        cost = this.#cost[node]!;
        break;
      }
      if (kind[node] !== Kind.step) {
        this.#settled[node] = target = node;
        break;
      }
      if (onWay.has(node)) {
        target = spinning(node);
        break;
      }
      onWay.add(node);
      passed.push(node);
      node = next[node]!;
    }
    for (let i = passed.length - 1; i >= 0; i--) {
      const step = passed[i]!;
      if (isSpinning(target)) cost = 0;
      else cost += this.cost(step);
      this.#settled[step] = target;
      this.#cost[step] = cost;
    }
    return this.#settled[from]!;
  }
}
