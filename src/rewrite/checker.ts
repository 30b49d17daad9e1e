/**
 * Proves on a rewritten module that the rewriter did what it says, without trusting it: only src/wasm is shared.
 *
 * For each function: the rewritten control flow, inserted instructions left out, is that of the original, instruction by
 * instruction; what is inserted touches nothing but the budget and the appended local; every cycle passes a safepoint; on no path
 * is more executed than was charged. For the module: every cycle of calls passes a safepoint, and the charges from one safepoint to
 * the next stay within the stated bound. Leaves operand types to the engine, which validates the module anyway.
 */
import { type Module, parseModule } from '../wasm/module.ts';
import { Effect, opcodeName, opcodeNamed } from '../wasm/opcodes.ts';
import { Reader } from '../wasm/reader.ts';
import { readValueType } from '../wasm/types.ts';
import { type CallSummary, checkCalls } from './checker-calls.ts';
import { exit, functionGraph, type Node } from './checker-graph.ts';

/** What the checker takes from a rewriting: see `Instrumented`. */
export interface Checked {
  readonly bytes: Uint8Array;
  readonly hookNames: { readonly getBudget: string; readonly hooks: string };
  readonly offsets: { isCopied(newOffset: number): boolean; toOriginal(newOffset: number): number };
  readonly report: { readonly longestStretch: number };
}

/** A promise that does not hold: a bug in the rewriter. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

/**
 * Checks a rewritten module against its original.
 *
 * @throws CheckFailure with function and offset (in the rewritten module) of what does not hold.
 * @example
 * checkRewriting(bytes, instrument(bytes));
 */
export function checkRewriting(original: Uint8Array, rewritten: Checked): void {
  const before = parseModule(original);
  const after = parseModule(rewritten.bytes);
  const inserted = findInserted(before, after, rewritten);
  const summaries: CallSummary[] = before.bodies.map((_, i) => {
    const check = new FunctionCheck(before, after, i, inserted, rewritten);
    try {
      return check.run();
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      throw new CheckFailure(`function ${before.functionName(before.importedFunctions + i)}: ${error.message}`);
    }
  });
  const problem = checkCalls(before, summaries, rewritten.report.longestStretch);
  if (problem !== undefined) throw new CheckFailure(problem);
}

interface Inserted {
  readonly budget: number;
  readonly safepoint: number;
  readonly hooksTable: number;
}

const code = (name: string): number => opcodeNamed(name)!;
const op = {
  globalGet: code('global.get'),
  globalSet: code('global.set'),
  const: code('i32.const'),
  sub: code('i32.sub'),
  less: code('i32.lt_s'),
  notLess: code('i32.ge_s'),
  get: code('local.get'),
  tee: code('local.tee'),
  if: code('if'),
  brIf: code('br_if'),
  call: code('call'),
  drop: code('drop'),
  end: code('end'),
} as const;
/** Inserted instructions that need no further look: they move no operand and store nothing. */
const harmless = new Set([
  'block',
  'loop',
  'if',
  'end',
  'br',
  'br_if',
  'unreachable',
  'i32.const',
  'i32.sub',
  'i32.lt_s',
  'i32.ge_s',
  'drop',
]);

/** Finds the appended global, table and function by what the exports lead to. */
function findInserted(before: Module, after: Module, { hookNames }: Checked): Inserted {
  const exported = (name: string): number => {
    const found = after.exports.find((candidate) => candidate.name === name);
    if (found === undefined) throw new CheckFailure(`nothing is exported as ${name}`);
    return found.index;
  };
  const [read] = functionGraph(after, exported(hookNames.getBudget) - after.importedFunctions);
  const hooksTable = exported(hookNames.hooks);
  const budget = read!.immediate;
  if (budget < before.globals.length || hooksTable < before.tables.length)
    throw new CheckFailure("the hooks are the guest's own");
  const safepoint = after.bodies.findIndex((_, i) => {
    if (i < before.bodies.length) return false;
    return functionGraph(after, i).some(({ effect }) => effect === Effect.callIndirect);
  });
  return { budget, safepoint: safepoint + after.importedFunctions, hooksTable };
}

/** One function. Nodes are those of the rewritten function unless they are called old. */
class FunctionCheck {
  readonly #before: Module;
  readonly #after: Module;
  readonly #index: number;
  readonly #inserted: Inserted;
  readonly #offsets: Checked['offsets'];
  readonly #old: readonly Node[];
  readonly #nodes: readonly Node[];
  /** Per node: what it charges, whether it is the branch of a check, whether it was copied. */
  readonly #charges: Int32Array;
  readonly #checks: Uint8Array;
  readonly #copied: Uint8Array;
  readonly #firstOwnLocal: number;

  constructor(before: Module, after: Module, i: number, inserted: Inserted, rewritten: Checked) {
    this.#before = before;
    this.#after = after;
    this.#index = i;
    this.#inserted = inserted;
    this.#offsets = rewritten.offsets;
    this.#old = functionGraph(before, i);
    this.#nodes = functionGraph(after, i);
    this.#charges = new Int32Array(this.#nodes.length);
    this.#checks = new Uint8Array(this.#nodes.length);
    this.#copied = Uint8Array.from(this.#nodes, ({ offset }) => (rewritten.offsets.isCopied(offset) ? 1 : 0));
    this.#firstOwnLocal = countLocals(before, i);
  }

  run(): CallSummary {
    this.#recognise();
    this.#compareWithOriginal();
    this.#checkCycles();
    return { nodes: this.#nodes, charges: this.#charges, checks: this.#checks, copied: this.#copied };
  }

  #fail(node: number, message: string): never {
    const { offset, opcode } = this.#nodes[node]!;
    throw new CheckFailure(`at 0x${offset.toString(16)} (${opcodeName(opcode)}): ${message}`);
  }

  /** Finds charges and checks among the inserted instructions, and refuses whatever else is inserted. */
  #recognise(): void {
    this.#nodes.forEach((node, i) => {
      if (this.#copied[i] === 1) return;
      if (node.opcode === op.globalSet) this.#recogniseCharge(i);
      else if (node.opcode === op.globalGet) this.#expect(i, node.immediate === this.#inserted.budget);
      else if (node.opcode === op.get || node.opcode === op.tee) this.#expect(i, node.immediate >= this.#firstOwnLocal);
      else if (node.effect === Effect.call) this.#expect(i, node.immediate === this.#inserted.safepoint);
      else if (node.effect === Effect.callIndirect) this.#expect(i, this.#isProbe(i));
      else this.#expect(i, harmless.has(opcodeName(node.opcode)));
    });
  }

  #expect(node: number, holds: boolean): void {
    if (!holds) this.#fail(node, 'inserted, but neither charge, check nor probe');
  }

  #isProbe(i: number): boolean {
    const [index, slot] = [this.#nodes[i - 2], this.#nodes[i - 1]];
    return index?.immediate === this.#index + this.#after.importedFunctions && slot?.immediate === 1;
  }

  /** The opcodes of inserted nodes from `i` on are these. */
  #reads(i: number, ...opcodes: number[]): boolean {
    return opcodes.every((opcode, k) => this.#nodes[i + k]?.opcode === opcode && this.#copied[i + k] === 0);
  }

  #recogniseCharge(i: number): void {
    const kept = this.#reads(i - 1, op.tee) ? 1 : 0;
    const start = i - 3 - kept;
    this.#expect(i, this.#nodes[i]!.immediate === this.#inserted.budget);
    this.#expect(i, this.#reads(start, op.globalGet, op.const, op.sub));
    const charge = this.#nodes[start + 1]!.immediate;
    this.#expect(i, charge > 0);
    this.#charges[i] = charge;
    if (kept === 0) return;
    const local = this.#nodes[i - 1]!.immediate;
    const asks =
      this.#reads(i + 1, op.get, op.const) &&
      this.#nodes[i + 1]!.immediate === local &&
      this.#nodes[i + 2]!.immediate === 0;
    this.#expect(i, asks);
    // Either `if below zero, call`, or `if not below zero, go on looping; else call`.
    const branch = i + 4;
    const called = this.#reads(i + 3, op.less, op.if) ? branch + 1 : branch + 2;
    if (called === branch + 2) {
      this.#expect(i, this.#reads(i + 3, op.notLess, op.brIf) && this.#nodes[branch + 1]!.opcode === op.end);
    }
    this.#expect(
      i,
      this.#reads(called, op.get, op.const, op.call, op.drop) && this.#nodes[called]!.immediate === local,
    );
    this.#checks[branch] = 1;
  }

  /** What the guest executes next after going from `node`: inserted and structural nodes are passed over. */
  #nextReal(nodes: readonly Node[], from: number, copied: Uint8Array | undefined): number {
    let node = from;
    for (let steps = 0; steps <= nodes.length; steps++) {
      if (node === exit) return exit;
      if ((copied === undefined || copied[node] === 1) && nodes[node]!.cost > 0) return node;
      // Of an inserted branch both sides come to the same; the way round a check is never the first.
      const { next } = nodes[node]!;
      if (next.length === 0) return exit;
      node = copied !== undefined && this.#checks[node] === 1 ? this.#goesOn(node) : next[0]!;
    }
    return exit;
  }

  #goesOn(check: number): number {
    const { opcode, next } = this.#nodes[check]!;
    return opcode === op.if ? next[1]! : next[0]!;
  }

  /** Every instruction is one of the original, and leads to the same next ones in the same order. */
  #compareWithOriginal(): void {
    const byOffset = new Map(this.#old.map(({ offset }, i) => [offset, i]));
    const same = (old: number, now: number): boolean => {
      if (old === exit || now === exit) return old === now;
      return this.#offsets.toOriginal(this.#nodes[now]!.offset) === this.#old[old]!.offset;
    };
    const oldStart = this.#nextReal(this.#old, 0, undefined);
    if (!same(oldStart, this.#nextReal(this.#nodes, 0, this.#copied))) this.#fail(0, 'the function begins elsewhere');
    this.#nodes.forEach((node, i) => {
      if (this.#copied[i] === 0 || node.cost === 0) return;
      const old = byOffset.get(this.#offsets.toOriginal(node.offset));
      if (old === undefined) this.#fail(i, 'no instruction of the original');
      const original = this.#old[old]!;
      if (!this.#sameBytes(original, node)) this.#fail(i, 'not the instruction it was copied from');
      if (original.next.length !== node.next.length) this.#fail(i, 'branches otherwise');
      original.next.forEach((next, k) => {
        const then = this.#nextReal(this.#old, next, undefined);
        if (!same(then, this.#nextReal(this.#nodes, node.next[k]!, this.#copied)))
          this.#fail(i, `leads elsewhere (${k})`);
      });
    });
  }

  #sameBytes(old: Node, now: Node): boolean {
    // Labels may have changed; where they lead is compared instead.
    const branches: readonly number[] = [Effect.br, Effect.brIf, Effect.brTable, Effect.tryTable, Effect.switch];
    if (branches.includes(old.effect))
      return old.opcode === now.opcode || (old.opcode === op.brIf && now.opcode === op.if);
    if (old.end - old.offset !== now.end - now.offset) return false;
    for (let i = 0; i < old.end - old.offset; i++) {
      if (this.#before.bytes[old.offset + i] !== this.#after.bytes[now.offset + i]) return false;
    }
    return true;
  }

  /** Without the checks no cycle is left. */
  #checkCycles(): void {
    const state = new Uint8Array(this.#nodes.length);
    const path: [node: number, place: number][] = [];
    const visit = (node: number, from: number): void => {
      if (node === exit || this.#checks[node] === 1 || state[node] === 2) return;
      if (state[node] === 1) this.#fail(from, 'closes a cycle without a safepoint');
      state[node] = 1;
      path.push([node, 0]);
    };
    for (let root = 0; root < this.#nodes.length; root++) {
      visit(state[root] === 0 ? root : exit, root);
      while (path.length > 0) {
        const top = path[path.length - 1]!;
        const [node] = top;
        const { next } = this.#nodes[node]!;
        if (top[1] < next.length) visit(next[top[1]++]!, node);
        else {
          state[node] = 2;
          path.pop();
        }
      }
    }
  }
}

/** Parameters and declared locals of the original: what inserted code must not touch. */
function countLocals(module: Module, i: number): number {
  const index = module.importedFunctions + i;
  return module.functionType(index).params.length + declaredLocals(module, i);
}

function declaredLocals(module: Module, i: number): number {
  const { bytes, bodies } = module;
  const reader = new Reader(bytes, bodies[i]!.start, bodies[i]!.end);
  let count = 0;
  for (let groups = reader.u32(); groups > 0; groups--) {
    count += reader.u32();
    readValueType(reader);
  }
  return count;
}
