/**
 * Recognises loops that count: `do { … i += step; … } while (i != bound)`, as compilers leave them for most loops over arrays.
 * How many rounds such a loop has left is known when it is entered, so it need not look at the budget in every round: see
 * strip-code.ts. Leaves out loops with calls, inner loops, or other ways out, and comparisons other than `!=`.
 */
import { Instructions } from '../wasm/instructions.ts';
import type { Module } from '../wasm/module.ts';
import { Effect, opcodeNamed } from '../wasm/opcodes.ts';

export interface CountedLoop {
  /** Index of the local that counts, and what each round adds to it: ± a power of two. */
  readonly counter: number;
  readonly step: number;
  /** What it is compared with: a local that the loop does not change, or a number. */
  readonly bound: Bound;
  /** Where the comparison takes the bound from: [from, to); empty where `br_if` compares with zero. */
  readonly boundFrom: number;
  readonly boundTo: number;
  /** First value of the counter, if constants say it. */
  readonly first: number | undefined;
}

export type Bound = { readonly local: number } | { readonly constant: number };

const localGet = opcodeNamed('local.get')!;
const localSet = opcodeNamed('local.set')!;
const localTee = opcodeNamed('local.tee')!;
const i32Const = opcodeNamed('i32.const')!;
const i32Add = opcodeNamed('i32.add')!;
const i32Sub = opcodeNamed('i32.sub')!;
const i32Ne = opcodeNamed('i32.ne')!;
const brIf = opcodeNamed('br_if')!;

/** Instructions that matter: the last ones before the `end`, and those that write locals. */
interface Token {
  readonly opcode: number;
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

/** The tokens before the end are at most: i, step, +, tee i, bound, !=, br_if. */
const tailLength = 7;

export class CountedLoops {
  readonly #code: Instructions;

  constructor(module: Module) {
    this.#code = new Instructions(module.bytes);
  }

  /**
   * Looks at an innermost loop whose body is [at, end), without calls and other ways out; `straight` is where the straight code
   * before its header begins.
   */
  find(straight: number, header: number, at: number, end: number): CountedLoop | undefined {
    const tail: Token[] = [];
    /** Locals written: the step where it is an unconditional addition to itself, else undefined. */
    const written = new Map<number, number | undefined>();
    if (!this.#read(at, end, tail, written)) return undefined;
    for (const found of comparisons(tail)) {
      const step = written.get(found.counter);
      if (step === undefined || !isPowerOfTwo(Math.abs(step))) continue;
      if ('local' in found.bound && written.has(found.bound.local)) continue;
      return { ...found, step, first: this.#constantBefore(found.counter, straight, header) };
    }
    return undefined;
  }

  /** Fills in the last tokens and what is written; false if the loop has more than one way back. */
  #read(at: number, end: number, tail: Token[], written: Map<number, number | undefined>): boolean {
    const code = this.#code;
    code.offset = at;
    let depth = 0;
    while (code.offset < end) {
      code.next();
      const { opcode, effect, index, constant, start, offset } = code;
      if (effect === Effect.block || effect === Effect.if || effect === Effect.loop) depth++;
      else if (effect === Effect.end) depth--;
      else if (effect === Effect.br || effect === Effect.brIf) {
        const last = opcode === brIf && offset === end;
        if (index === depth && !last) return false;
      } else if (effect === Effect.brTable && code.labels.includes(depth)) return false;
      tail.push({ opcode, value: opcode === i32Const ? constant : index, start, end: offset });
      if (opcode === localSet || opcode === localTee) {
        const again = written.has(index);
        written.set(index, again || depth > 0 ? undefined : addition(tail));
      }
      if (tail.length > tailLength) tail.shift();
    }
    return depth === 0;
  }

  /** Follows constants through the code [from, to), in which control neither leaves nor joins. */
  #constantBefore(local: number, from: number, to: number): number | undefined {
    const code = this.#code;
    code.offset = from;
    let before: number | undefined;
    let value: number | undefined;
    while (code.offset < to) {
      code.next();
      if ((code.opcode === localSet || code.opcode === localTee) && code.index === local) value = before;
      before = code.opcode === i32Const ? code.constant : undefined;
    }
    return value;
  }
}

/** How many rounds a counted loop makes, if constants say it. */
export function roundsOf({ first, bound, step }: CountedLoop): number | undefined {
  if (first === undefined || 'local' in bound) return undefined;
  const distance = step > 0 ? (bound.constant - first) >>> 0 : (first - bound.constant) >>> 0;
  const rounds = distance / Math.abs(step);
  return rounds > 0 && Number.isInteger(rounds) ? rounds : undefined;
}

function isPowerOfTwo(n: number): boolean {
  return n > 0 && (n & (n - 1)) === 0;
}

/** The step, if the last tokens are `local.get i, i32.const step, i32.add, local.set i`. */
function addition(tail: readonly Token[]): number | undefined {
  const [get, constant, add, set] = tail.slice(-4);
  if (set === undefined) return undefined;
  if (get!.opcode !== localGet || get!.value !== set.value || constant!.opcode !== i32Const) return undefined;
  if (add!.opcode === i32Add) return constant!.value;
  return add!.opcode === i32Sub ? -constant!.value : undefined;
}

type Comparison = Omit<CountedLoop, 'step' | 'first'>;

/** What may decide whether there is another round: the tokens before the end. */
function comparisons(tail: readonly Token[]): readonly Comparison[] {
  const tokens = [...tail];
  if (tokens.pop()?.opcode !== brIf) return [];
  const last = tokens.pop();
  if (last?.opcode === localTee || last?.opcode === localGet) {
    return [{ counter: last.value, bound: { constant: 0 }, boundFrom: last.end, boundTo: last.end }];
  }
  const right = tokens.pop();
  if (last?.opcode !== i32Ne || right === undefined) return [];
  if (right.opcode === localTee) {
    // Before it: the bound, and the addition that it stores.
    tokens.splice(-3);
    return withBound(right, tokens.pop());
  }
  const left = tokens.pop();
  return [...withBound(left, right), ...withBound(right, left)];
}

function withBound(counter: Token | undefined, token: Token | undefined): readonly Comparison[] {
  if (counter?.opcode !== localGet && counter?.opcode !== localTee) return [];
  if (token?.opcode !== localGet && token?.opcode !== i32Const) return [];
  const bound: Bound = token.opcode === localGet ? { local: token.value } : { constant: token.value };
  return [{ counter: counter.value, bound, boundFrom: token.start, boundTo: token.end }];
}
