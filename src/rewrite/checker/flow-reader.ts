/**
 * Reads a function body into a Flow: links branches with where they lead, and follows the height of the operand stack as the
 * validation algorithm of the core specification (appendix "Validation Algorithm") does, with counts in place of types.
 */
import { Instructions } from '../../wasm/instructions.ts';
import { maxFunctionBytes, maxNesting } from '../../wasm/limits.ts';
import type { Module } from '../../wasm/module.ts';
import { Effect, opcodeName, opcodeNamed } from '../../wasm/opcodes.ts';
import { badModule } from '../../wasm/reader.ts';
import { readValueType } from '../../wasm/types.ts';
import { Flow, Kind } from './flow.ts';
import { stackEffects, varies } from './stack-effect.ts';
import type { TypeShape, TypeTable } from './type-shapes.ts';

interface Frame {
  readonly effect: number;
  /** Height below the block's parameters. */
  readonly base: number;
  readonly params: number;
  readonly results: number;
  /** The first node inside: where a loop's label leads. */
  readonly inside: number;
  /** The `if` node while it has no else. */
  choice: number;
  /** Edges to the end of the block. */
  readonly pending: number[];
  /** Nodes that lead to the end without a branch: ends of arms. */
  readonly arms: number[];
  /** Control cannot come here: any operands may be popped. */
  dead: boolean;
  /** The try that this frame is, while its body lasts and in its catches. */
  readonly ownTry: number;
  readonly tryAround: number;
  inCatch: boolean;
}

const none = -1;
const numbered = (name: string): number => opcodeNamed(name)!;
const op = {
  if: numbered('if'),
  brIf: numbered('br_if'),
  brOnNull: numbered('br_on_null'),
  brOnNonNull: numbered('br_on_non_null'),
  catchAll: numbered('catch_all'),
  delegate: numbered('delegate'),
  throw: numbered('throw'),
  throwRef: numbered('throw_ref'),
  rethrow: numbered('rethrow'),
  unreachable: numbered('unreachable'),
  structNew: numbered('struct.new'),
  arrayNewFixed: numbered('array.new_fixed'),
  contBind: numbered('cont.bind'),
  suspend: numbered('suspend'),
  resume: numbered('resume'),
  resumeThrow: numbered('resume_throw'),
  resumeThrowRef: numbered('resume_throw_ref'),
} as const;

/** Reads the body of the own function `i`. Throws `bad-module` where operands or blocks do not add up. */
export function readFlow(module: Module, types: TypeTable, i: number): Flow {
  return new FlowReader(module, types, i).read();
}

class FlowReader {
  readonly #types: TypeTable;
  readonly #code: Instructions;
  readonly #type: TypeShape;
  readonly #flow = new Flow();
  readonly #frames: Frame[] = [];
  /** By edge. */
  readonly #targets: number[] = [];
  readonly #drops = new Map<number, { dropped: number; kept: number }>();
  #height = 0;
  #try = none;
  #node = 0;

  constructor(module: Module, types: TypeTable, i: number) {
    this.#types = types;
    const { start, end } = module.bodies[i]!;
    this.#code = new Instructions(module.bytes, start, end);
    this.#type = types.ofFunction(module.importedFunctions + i, start);
  }

  read(): Flow {
    const flow = this.#flow;
    const code = this.#code;
    this.#readLocals();
    this.#push(Effect.block, { params: 0, results: this.#type.results });
    while (this.#frames.length > 0) {
      code.next();
      this.#node = flow.kind.length;
      this.#add();
    }
    flow.start.push(code.offset);
    code.expectEnd('a function body');
    flow.settle(this.#targets, this.#drops);
    return flow;
  }

  #readLocals(): void {
    const flow = this.#flow;
    const code = this.#code;
    flow.localCount = this.#type.params;
    flow.localGroups = code.count('groups of locals', maxFunctionBytes);
    flow.localsStart = code.offset;
    for (let i = 0; i < flow.localGroups; i++) {
      flow.localCount += code.u32();
      readValueType(code);
    }
    flow.localsEnd = code.offset;
  }

  #add(): void {
    const { opcode, effect, start, first, index, constant } = this.#code;
    const flow = this.#flow;
    flow.opcode.push(opcode);
    flow.effect.push(effect);
    flow.start.push(start);
    flow.first.push(first);
    flow.index.push(index);
    flow.constant.push(constant);
    flow.kind.push(Kind.step);
    flow.height.push(this.#height);
    flow.next.push(this.#node + 1);
    flow.tryOf.push(this.#try);
    if (effect === Effect.plain) this.#plain(opcode);
    else if (effect <= Effect.tryTable) this.#structure();
    else this.#transfer();
  }

  #plain(opcode: number): void {
    const { first, index, start } = this.#code;
    const { pops, pushes } = stackEffects();
    if (pops[opcode] !== varies) this.#operands(pops[opcode]!, pushes[opcode]!);
    else if (opcode === op.structNew) this.#operands(this.#types.type(first, start).fields, 1);
    else if (opcode === op.arrayNewFixed) this.#operands(index, 1);
    else if (opcode === op.contBind) {
      const taken = this.#types.continuation(first, start).params - this.#types.continuation(index, start).params;
      this.#operands(taken + 1, 1);
    } else throw badModule(`no operands are known of ${opcodeName(opcode)}`, start);
    // Without a cost it is a nop.
    if (opcodeName(opcode) !== 'nop') this.#flow.kind[this.#node] = Kind.plain;
  }

  #operands(pops: number, pushes: number): void {
    const frame = this.#frames[this.#frames.length - 1]!;
    const left = this.#height - pops;
    if (left < frame.base && !frame.dead) throw badModule('an operand is missing', this.#code.start);
    this.#height = Math.max(left, frame.base) + pushes;
  }

  #push(effect: number, { params, results }: { params: number; results: number }, ownTry = none): void {
    if (this.#frames.length >= maxNesting) throw badModule('blocks nest too deep', this.#code.start);
    this.#frames.push({
      effect,
      base: this.#height - params,
      params,
      results,
      inside: this.#flow.kind.length,
      choice: effect === Effect.if ? this.#node : none,
      pending: [],
      arms: [],
      dead: this.#frames[this.#frames.length - 1]?.dead ?? false,
      ownTry,
      tryAround: this.#try,
      inCatch: false,
    });
    if (ownTry !== none) this.#try = ownTry;
  }

  #frame(label: number): Frame {
    const frame = this.#frames[this.#frames.length - 1 - label];
    if (frame === undefined) throw badModule(`there is no label ${label}`, this.#code.start);
    return frame;
  }

  #structure(): void {
    const code = this.#code;
    switch (code.effect) {
      case Effect.if: {
        this.#operands(1, 0);
        this.#flow.kind[this.#node] = Kind.condition;
        this.#flow.choices.set(this.#node, [this.#node + 1, none]);
        this.#enter();
        return;
      }
      case Effect.else: {
        const frame = this.#frame(0);
        if (frame.choice === none) throw badModule('an else without its if', code.start);
        this.#endArm(frame);
        this.#flow.choices.get(frame.choice)![1] = this.#node + 1;
        frame.choice = none;
        this.#height = frame.base + frame.params;
        return;
      }
      case Effect.catch:
        this.#catch();
        return;
      case Effect.try:
        this.#flow.tries.push({ parent: this.#try, clauses: [] });
        this.#enter(this.#flow.tries.length - 1);
        return;
      case Effect.tryTable:
        this.#tryTable();
        return;
      case Effect.end:
      case Effect.delegate:
        this.#end();
        return;
      default:
        this.#enter();
    }
  }

  #enter(ownTry = none): void {
    const shape = this.#types.block(this.#code.index, this.#code.start);
    this.#operands(shape.params, shape.params);
    this.#push(this.#code.effect, shape, ownTry);
  }

  /** The operands of an arm's end have to be its results; it goes on at the end of the block. */
  #endArm(frame: Frame): void {
    this.#checkResults(frame);
    frame.arms.push(this.#node);
    frame.dead = this.#frames[this.#frames.length - 2]?.dead ?? false;
  }

  #checkResults(frame: Frame): void {
    const expected = frame.base + frame.results;
    const fits = frame.dead ? this.#height <= expected : this.#height === expected;
    if (!fits) throw badModule(`${this.#height} operands at the end of a block for ${expected}`, this.#code.start);
  }

  #catch(): void {
    const { opcode, index, start } = this.#code;
    const frame = this.#frame(0);
    if (frame.effect !== Effect.try) throw badModule('a catch without its try', start);
    this.#endArm(frame);
    const all = opcode === op.catchAll;
    const key = all ? 'catch_all' : `catch ${index}`;
    this.#flow.tries[frame.ownTry]!.clauses.push({ key, target: this.#node + 1, base: frame.base });
    this.#height = frame.base + (all ? 0 : this.#types.tag(index, start).params);
    this.#try = frame.tryAround;
    frame.inCatch = true;
  }

  #tryTable(): void {
    const code = this.#code;
    const own = this.#flow.tries.push({ parent: this.#try, clauses: [] }) - 1;
    let from = code.start;
    code.labels.forEach((label, i) => {
      // The bytes before the label tell the kind and tag; those before the first clause are the try_table's own.
      const key = code.bytes.subarray(from, code.startOfLabel(i)).join();
      from = code.endOfLabel(i);
      const { base } = this.#frame(label);
      this.#flow.tries[own]!.clauses.push({ key, target: this.#edge(label, none), base });
    });
    this.#enter(own);
  }

  #end(): void {
    const { effect, index, start } = this.#code;
    const flow = this.#flow;
    const frame = this.#frames.pop()!;
    this.#checkResults(frame);
    if (effect === Effect.delegate) {
      if (frame.effect !== Effect.try || frame.inCatch) throw badModule('a delegate without its try', start);
      flow.tries[frame.ownTry]!.parent = this.#tryFrom(index);
    }
    if (frame.choice !== none) flow.choices.get(frame.choice)![1] = this.#node;
    for (const edge of frame.pending) this.#targets[edge] = this.#node;
    for (const arm of frame.arms) flow.next[arm] = this.#node;
    this.#height = frame.base + frame.results;
    this.#try = frame.tryAround;
    flow.height[this.#node] = this.#height;
    flow.tryOf[this.#node] = this.#try;
    if (this.#frames.length > 0) return;
    flow.kind[this.#node] = Kind.exit;
    flow.next[this.#node] = none;
  }

  /** The innermost try whose body the block of this label is, or stands in. */
  #tryFrom(label: number): number {
    for (let i = this.#frames.length - 1 - label; i >= 0; i--) {
      const { ownTry, inCatch } = this.#frames[i]!;
      if (ownTry !== none && !inCatch) return ownTry;
    }
    return none;
  }

  /** A branch to a label with this many operands on the stack; `none` where what is dropped does not show. */
  #edge(label: number, height: number): number {
    const frame = this.#frame(label);
    const loop = frame.effect === Effect.loop;
    const provisional = this.#flow.addEdge(this.#node);
    const edge = this.#targets.push(frame.inside) - 1;
    if (!loop) frame.pending.push(edge);
    const kept = loop ? frame.params : frame.results;
    const dropped = height - kept - frame.base;
    if (height !== none && dropped > 0 && !this.#frame(0).dead) this.#drops.set(edge, { dropped, kept });
    return provisional;
  }

  #becomeDead(): void {
    const frame = this.#frames[this.#frames.length - 1]!;
    frame.dead = true;
    this.#height = frame.base;
  }

  #transfer(): void {
    const code = this.#code;
    const flow = this.#flow;
    const node = this.#node;
    switch (code.effect) {
      case Effect.br:
        flow.next[node] = this.#edge(code.index, this.#height);
        this.#becomeDead();
        return;
      case Effect.return:
        flow.next[node] = this.#edge(this.#frames.length - 1, this.#height);
        this.#becomeDead();
        return;
      case Effect.brIf:
        this.#conditionalBranch();
        return;
      case Effect.brTable:
        this.#operands(1, 0);
        flow.kind[node] = Kind.branch;
        flow.choices.set(
          node,
          code.labels.map((label) => this.#edge(label, this.#height)),
        );
        flow.next[node] = none;
        this.#becomeDead();
        return;
      case Effect.stop:
        flow.kind[node] = Kind.stop;
        flow.next[node] = none;
        if (code.opcode === op.rethrow) flow.rethrows.set(node, this.#frame(code.index).ownTry);
        this.#becomeDead();
        return;
      case Effect.switch:
        this.#switch();
        return;
      default:
        this.#call();
    }
  }

  #conditionalBranch(): void {
    const { opcode, index } = this.#code;
    const flow = this.#flow;
    const plain = opcode === op.brIf;
    flow.kind[this.#node] = plain ? Kind.condition : Kind.branch;
    // br_on_null and br_if take their operand away before they branch; a reference that is cast or not null goes along.
    const taken = plain || opcode === op.brOnNull ? this.#height - 1 : this.#height;
    flow.choices.set(this.#node, [this.#edge(index, taken), this.#node + 1]);
    if (plain || opcode === op.brOnNonNull) this.#operands(1, 0);
    else this.#operands(1, 1);
  }

  #call(): void {
    const { effect, first, start } = this.#code;
    const direct = effect === Effect.call || effect === Effect.returnCall;
    const { params, results } = direct ? this.#types.ofFunction(first, start) : this.#types.type(first, start);
    this.#operands(direct ? params : params + 1, 0);
    const tail =
      effect === Effect.returnCall || effect === Effect.returnCallIndirect || effect === Effect.returnCallRef;
    this.#flow.kind[this.#node] = tail ? Kind.tailCall : Kind.call;
    if (tail) {
      this.#flow.next[this.#node] = none;
      this.#becomeDead();
    } else this.#operands(0, results);
  }

  #switch(): void {
    const { opcode, first, index, labels, start } = this.#code;
    const flow = this.#flow;
    flow.kind[this.#node] = Kind.call;
    if (opcode === op.suspend) {
      const { params, results } = this.#types.tag(index, start);
      this.#operands(params, results);
      return;
    }
    const own = this.#types.continuation(first, start);
    if (opcode === op.resume) this.#operands(own.params + 1, 0);
    else if (opcode === op.resumeThrow || opcode === op.resumeThrowRef) this.#operands(this.#thrown() + 1, 0);
    else {
      this.#operands(own.params, this.#types.switchedTo(first, start));
      return;
    }
    if (labels.length > 0) {
      const edges = labels.map((label) => this.#edge(label, none));
      flow.choices.set(this.#node, [this.#node + 1, ...edges]);
    }
    this.#operands(0, own.results);
  }

  /** What `resume_throw` passes on: the tag's values, or the one exception of `resume_throw_ref`. */
  #thrown(): number {
    if (this.#code.opcode === op.resumeThrowRef) return 1;
    // The tag is the second immediate; the last is the handlers', so it is read again.
    const again = new Instructions(this.#code.bytes, this.#code.start + 1, this.#code.end);
    again.u32();
    return this.#types.tag(again.u32(), this.#code.start).params;
  }
}
