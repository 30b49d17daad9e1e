/**
 * Which loops of an original function count: have one way back, a branch behind `i != bound`, where every round adds the same to
 * `i` and leaves the bound alone. So many rounds are left, then, when one begins: ((bound − i) ÷ step) mod 2³². Told from the
 * flow and from instructions that stand next to each other; the rewriter may know fewer such loops, or none.
 */
import { Effect, opcodeNamed } from '../../wasm/opcodes.ts';
import { type Flow, Kind, mayThrow } from './flow.ts';

export interface CountingLoop {
  /** The branch back, and the first instruction of a round. */
  readonly decision: number;
  readonly inside: number;
  readonly counter: number;
  readonly step: number;
  readonly bound: { readonly local: number } | { readonly constant: number };
  /** The instruction that takes the bound; undefined where the branch itself compares with zero. */
  readonly boundAt: number | undefined;
  /** How many rounds it makes, where constants say it. */
  readonly rounds: number | undefined;
  /** Whether nothing leads out of it but that branch, when it is not taken. */
  readonly closed: boolean;
}

const numbered = (name: string): number => opcodeNamed(name)!;
const op = {
  loop: numbered('loop'),
  brIf: numbered('br_if'),
  localGet: numbered('local.get'),
  localSet: numbered('local.set'),
  localTee: numbered('local.tee'),
  const: numbered('i32.const'),
  add: numbered('i32.add'),
  sub: numbered('i32.sub'),
  ne: numbered('i32.ne'),
} as const;

/** Counting loops by their decision. */
export function countingLoops(flow: Flow): ReadonlyMap<number, CountingLoop> {
  const found = new Map<number, CountingLoop>();
  const open: number[] = [];
  for (let node = 0; node < flow.count; node++) {
    if (opens(flow.effect[node]!)) open.push(node);
    if (!closes(flow.effect[node]!)) continue;
    const begin = open.pop();
    if (begin === undefined || flow.opcode[begin] !== op.loop) continue;
    const loop = new LoopReader(flow, begin, node).read();
    if (loop !== undefined) found.set(loop.decision, loop);
  }
  return found;
}

function opens(effect: number): boolean {
  return (
    effect === Effect.block ||
    effect === Effect.loop ||
    effect === Effect.if ||
    effect === Effect.try ||
    effect === Effect.tryTable
  );
}

function closes(effect: number): boolean {
  return effect === Effect.end || effect === Effect.delegate;
}

type Compared = Pick<CountingLoop, 'counter' | 'bound' | 'boundAt'>;

/** Looks at one loop: from its `loop` to its `end`. */
class LoopReader {
  readonly #flow: Flow;
  readonly #begin: number;
  readonly #end: number;

  constructor(flow: Flow, begin: number, end: number) {
    this.#flow = flow;
    this.#begin = begin;
    this.#end = end;
  }

  read(): CountingLoop | undefined {
    const flow = this.#flow;
    const decision = this.#end - 1;
    const inside = this.#begin + 1;
    if (flow.opcode[decision] !== op.brIf || flow.kind[decision] !== Kind.condition) return undefined;
    const back = this.#edgesTo(inside);
    if (back.length !== 1 || flow.instructionOf(back[0]!) !== decision) return undefined;
    for (const compared of this.#comparisons(decision)) {
      const step = this.#stepOf(compared.counter);
      if (step === undefined) continue;
      if ('local' in compared.bound && this.#writes(compared.bound.local).length > 0) continue;
      return {
        ...compared,
        decision,
        inside,
        step,
        rounds: this.#rounds(compared, step),
        closed: this.#isClosed(decision),
      };
    }
    return undefined;
  }

  #edgesTo(node: number): number[] {
    const edges: number[] = [];
    for (let edge = this.#flow.count; edge < this.#flow.size; edge++) {
      if (this.#flow.next[edge] === node) edges.push(edge);
    }
    return edges;
  }

  #isClosed(decision: number): boolean {
    const { count, size, effect, kind, next } = this.#flow;
    const isWithin = (node: number): boolean => node > this.#begin && node <= this.#end;
    for (let node = this.#begin + 1; node < decision; node++) {
      if (kind[node] === Kind.tailCall || mayThrow(effect[node]!)) return false;
      if (next[node]! >= 0 && next[node]! < count && !isWithin(next[node]!)) return false;
    }
    for (let edge = count; edge < size; edge++) {
      const from = this.#flow.instructionOf(edge);
      if (from < decision && isWithin(from) && !isWithin(next[edge]!)) return false;
    }
    return true;
  }

  #is(node: number, opcode: number): boolean {
    return node > this.#begin && this.#flow.opcode[node] === opcode;
  }

  /** What the branch may compare: its operands are pushed by the instructions right before it. */
  #comparisons(decision: number): readonly Compared[] {
    const last = decision - 1;
    const { index } = this.#flow;
    if (this.#is(last, op.localTee) || this.#is(last, op.localGet)) {
      return [{ counter: index[last]!, bound: { constant: 0 }, boundAt: undefined }];
    }
    if (!this.#is(last, op.ne)) return [];
    const right = last - 1;
    // Pushed by a tee, it is the sum of the three before.
    const left = this.#is(right, op.localTee) && this.#addsItself(right) !== undefined ? right - 4 : right - 1;
    return [...this.#against(left, right), ...this.#against(right, left)];
  }

  #against(counterAt: number, boundAt: number): readonly Compared[] {
    const { index, constant } = this.#flow;
    if (!this.#is(counterAt, op.localGet) && !this.#is(counterAt, op.localTee)) return [];
    const counter = index[counterAt]!;
    if (this.#is(boundAt, op.const)) return [{ counter, bound: { constant: constant[boundAt]! }, boundAt }];
    return this.#is(boundAt, op.localGet) ? [{ counter, bound: { local: index[boundAt]! }, boundAt }] : [];
  }

  #writes(local: number): number[] {
    const { opcode, index } = this.#flow;
    const writes: number[] = [];
    for (let node = this.#begin + 1; node < this.#end; node++) {
      if ((opcode[node] === op.localSet || opcode[node] === op.localTee) && index[node] === local) writes.push(node);
    }
    return writes;
  }

  /** What every round adds: the only write is an addition to itself, in no block within the loop. */
  #stepOf(counter: number): number | undefined {
    const writes = this.#writes(counter);
    if (writes.length !== 1) return undefined;
    let depth = 0;
    for (let node = this.#begin + 1; node < writes[0]!; node++) {
      const effect = this.#flow.effect[node]!;
      if (opens(effect)) depth++;
      else if (closes(effect)) depth--;
    }
    return depth === 0 ? this.#addsItself(writes[0]!) : undefined;
  }

  #addsItself(write: number): number | undefined {
    const { index, constant } = this.#flow;
    const itself = this.#is(write - 3, op.localGet) && index[write - 3] === index[write];
    if (!itself || !this.#is(write - 2, op.const)) return undefined;
    if (this.#is(write - 1, op.add)) return constant[write - 2]!;
    return this.#is(write - 1, op.sub) ? -constant[write - 2]! : undefined;
  }

  #rounds({ counter, bound }: Compared, step: number): number | undefined {
    const first = this.#constantBefore(counter);
    if (first === undefined || 'local' in bound) return undefined;
    const distance = step > 0 ? (bound.constant - first) >>> 0 : (first - bound.constant) >>> 0;
    const rounds = distance / Math.abs(step);
    return rounds > 0 && Number.isInteger(rounds) ? rounds : undefined;
  }

  /** The value that a local has when the loop is entered, if straight code before it sets a constant. */
  #constantBefore(local: number): number | undefined {
    const { opcode, effect, index, constant } = this.#flow;
    for (let node = this.#begin - 1; node > 0; node--) {
      const straight = effect[node] === Effect.plain || effect[node] === Effect.block || effect[node] === Effect.call;
      if (!straight && effect[node] !== Effect.if && effect[node] !== Effect.brIf) return undefined;
      if ((opcode[node] !== op.localSet && opcode[node] !== op.localTee) || index[node] !== local) continue;
      return opcode[node - 1] === op.const ? constant[node - 1] : undefined;
    }
    return undefined;
  }
}
