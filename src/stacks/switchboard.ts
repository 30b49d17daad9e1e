/**
 * The companion module whose doors a guest calls instead of the host where the engine can switch stacks, because no
 * JavaScript frame may be on a stack that parks: a door calls the host, and parks when the host said so once it is back.
 * The door of `wirq/stack` `switch` goes on with another fiber without asking the host, where it is allowed to.
 * Encodings: core specification 5, and the stack-switching proposal's Explainer.md, "Binary format" (opcodes 0xE0–0xE6).
 */
import { opcodeNamed } from '../wasm/opcodes.ts';
import { Writer } from '../wasm/writer.ts';
import type { Shape } from './backend.ts';
import { EXTERNAL, ModuleBuilder, TYPE_BYTES } from './module-builder.ts';
import {
  DEMAND_WORD,
  FETCH,
  GO_ON,
  HOME_WORD,
  handOver,
  loadAt,
  loadWord,
  NUMBERS,
  NUMBERS_WORD,
  OPEN,
  PERISH,
  RUNNING_WORD,
  record,
  SLOTS_WORD,
  storeWord,
  TARGET_WORD,
  WORDS_PAGES,
} from './words.ts';

const EMPTY_BLOCK = 0x40;
const op = (name: string): number => opcodeNamed(name)!;
const OP = {
  end: op('end'),
  block: op('block'),
  loop: op('loop'),
  if: op('if'),
  br: op('br'),
  brIf: op('br_if'),
  return: op('return'),
  call: op('call'),
  callIndirect: op('call_indirect'),
  localGet: op('local.get'),
  localSet: op('local.set'),
  localTee: op('local.tee'),
  const: op('i32.const'),
  eqz: op('i32.eqz'),
  eq: op('i32.eq'),
  ne: op('i32.ne'),
  and: op('i32.and'),
  shl: op('i32.shl'),
  unreachable: op('unreachable'),
  suspend: op('suspend'),
} as const;
const NUMBER_SHIFT = 3;
/** Behind that of the runners. */
const SHADOWS_TABLE = 1;

export interface DoorShape extends Shape {
  /** It is `switch(number)`. */
  readonly switches?: boolean | undefined;
}

export interface SwitchboardOptions {
  readonly doors: readonly DoorShape[];
  /** Of the functions that fibers begin with, where this module begins them. */
  readonly shapes: readonly Shape[];
  /** With continuations of the core language; else with a `Suspending` import. */
  readonly continuations: boolean;
}

/**
 * Imports: `c` the doorways' calls, `f` their fetches, each by number, `s` `s` what suspends for another slot to go on, or 0, and
 * gives what word 0 says to who goes on; what runners need (`addRunners`). Exports: `d0`… the doors, `b0`… the runners, `trap`,
 * the memory `words`, and the tag `parked`, or the tables `entry`, and `shadows` with `change(target)` (shadow-code.ts) in it.
 */
export function switchboard({ doors, shapes, continuations }: SwitchboardOptions): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const plain = builder.type([], []);
  const calls = doors.map(({ params, results }, k) => builder.importFunction('c', `${k}`, params, results));
  const fetches = doors.map(({ results }, k) => builder.importFunction('f', `${k}`, [], results));
  const suspending = continuations
    ? undefined
    : { suspends: builder.importFunction('s', 's', ['i32'], ['i32']), change: builder.type(['i32'], ['i32']) };
  const finishRunners = continuations ? undefined : addRunners(builder, shapes);
  doors.forEach((door, k) => {
    const code = doorCode(door, calls[k]!, fetches[k]!, suspending);
    builder.add(`d${k}`, builder.type(door.params, door.results), code);
  });
  finishRunners?.().forEach((runner, k) => {
    builder.export(`b${k}`, 0, runner);
  });
  builder.add('trap', plain, new Writer(4).u8(0).u8(OP.unreachable).u8(OP.end));
  builder.memory(WORDS_PAGES);
  builder.export('words', EXTERNAL.memory, 0);
  if (suspending === undefined) {
    builder.tag(plain);
    builder.export('parked', EXTERNAL.tag, 0);
  } else {
    builder.table([TYPE_BYTES.funcref], 1);
    builder.export('shadows', EXTERNAL.table, SHADOWS_TABLE);
    builder.add('alone', suspending.change, new Writer(8).u8(0).u8(OP.const).s32(0).u8(OP.end));
  }
  return builder.bytes();
}

/**
 * What fibers begin with: asks for the arguments, calls the function in the entry table, hands over what it returned. Imports
 * `a` arguments (`0.1`: of shape 0, the second) and `r` results, each by number of shape; exports the table `entry`, which
 * has to be the first.
 *
 * @returns what adds the functions once all is imported, and gives their indices.
 */
export function addRunners(builder: ModuleBuilder, shapes: readonly Shape[]): () => number[] {
  const imported = shapes.map(({ params, results }, k) => ({
    args: params.map((param, i) => builder.importFunction('a', `${k}.${i}`, [], [param])),
    result: builder.importFunction('r', `${k}`, results, []),
  }));
  builder.table([TYPE_BYTES.funcref], 1);
  builder.export('entry', EXTERNAL.table, 0);
  return () =>
    shapes.map(({ params, results }, k) => {
      const code = new Writer(32).u8(0);
      for (const index of imported[k]!.args) code.u8(OP.call).u32(index);
      code.u8(OP.const).s32(0).u8(OP.callIndirect).u32(builder.type(params, results)).u32(0);
      code.u8(OP.call).u32(imported[k]!.result).u8(OP.end);
      return builder.add(undefined, builder.type([], []), code);
    });
}

/** Where there are no continuations: the function that suspends, and the type of the one that changes stacks in memory. */
interface Suspending {
  readonly suspends: number;
  readonly change: number;
}

/** Calls the host; as long as that asks for it, parks, and then keeps the result or fetches one. */
function doorCode(
  { params, results, switches }: DoorShape,
  call: number,
  fetch: number,
  suspending: Suspending | undefined,
) {
  const demand = params.length + results.length;
  const code = new Writer(64).u32(results.length + (switches === true ? 2 : 1));
  for (const type of [...results, 'i32' as const]) code.u32(1).u8(TYPE_BYTES[type]);
  if (switches === true) directly(code.u32(1).u8(TYPE_BYTES.i32), demand, demand + 1, suspending);
  const keepResults = () => {
    for (let i = results.length - 1; i >= 0; i--) code.u8(OP.localSet).u32(params.length + i);
  };
  params.forEach((_, i) => {
    code.u8(OP.localGet).u32(i);
  });
  code.u8(OP.call).u32(call);
  keepResults();
  code.u8(OP.block).u8(EMPTY_BLOCK).u8(OP.loop).u8(EMPTY_BLOCK);
  loadWord(code, DEMAND_WORD).u8(OP.localTee).u32(demand).u8(OP.eqz).u8(OP.brIf).u32(1);
  storeWord(code, DEMAND_WORD, (value) => value.u8(OP.const).s32(GO_ON));
  if (suspending === undefined) loadWord(code.u8(OP.suspend).u32(0), DEMAND_WORD);
  else code.u8(OP.const).s32(0).u8(OP.call).u32(suspending.suspends);
  unlessPerishing(code);
  code.u8(OP.localGet).u32(demand).u8(OP.const).s32(FETCH).u8(OP.eq).u8(OP.if).u8(EMPTY_BLOCK);
  code.u8(OP.call).u32(fetch);
  keepResults();
  code.u8(OP.end).u8(OP.br).u32(0).u8(OP.end).u8(OP.end);
  results.forEach((_, i) => {
    code.u8(OP.localGet).u32(params.length + i);
  });
  return code.u8(OP.end);
}

/** A trap is what no `catch_all` of the guest's can stop: its frames are gone, and the engine can use the stack again. */
function unlessPerishing(code: Writer): void {
  code.u8(OP.const).s32(PERISH).u8(OP.eq).u8(OP.if).u8(EMPTY_BLOCK).u8(OP.unreachable).u8(OP.end);
}

/** Goes on with the stack of this number at once, if it may and it is known that it can; else falls through. */
function directly(code: Writer, entry: number, slot: number, suspending: Suspending | undefined): void {
  const get = (local: number) => code.u8(OP.localGet).u32(local);
  code.u8(OP.block).u8(EMPTY_BLOCK);
  loadWord(code, HOME_WORD).u8(OP.localTee).u32(slot).u8(OP.eqz).u8(OP.brIf).u32(0);
  get(0).u8(OP.if).u8(EMPTY_BLOCK);
  get(0)
    .u8(OP.const)
    .s32(NUMBERS - 1)
    .u8(OP.and)
    .u8(OP.const)
    .s32(NUMBER_SHIFT)
    .u8(OP.shl);
  loadAt(code.u8(OP.localTee).u32(entry), NUMBERS_WORD);
  get(0).u8(OP.ne).u8(OP.brIf).u32(1);
  loadAt(get(entry), NUMBERS_WORD + 1)
    .u8(OP.localSet)
    .u32(slot);
  loadAt(record(code, slot), SLOTS_WORD + OPEN)
    .u8(OP.eqz)
    .u8(OP.brIf)
    .u32(1);
  code.u8(OP.end);
  loadWord(get(slot), RUNNING_WORD).u8(OP.eq).u8(OP.if).u8(EMPTY_BLOCK).u8(OP.return).u8(OP.end);
  if (suspending === undefined) {
    storeWord(code, TARGET_WORD, () => get(slot));
    loadWord(code.u8(OP.suspend).u32(0), DEMAND_WORD);
  } else {
    get(slot).u8(OP.const).s32(0).u8(OP.callIndirect).u32(suspending.change).u32(SHADOWS_TABLE).u8(OP.brIf).u32(0);
    loadWord(code, RUNNING_WORD).u8(OP.localSet).u32(entry);
    handOver(code, entry, slot);
    get(slot).u8(OP.call).u32(suspending.suspends);
  }
  unlessPerishing(code);
  code.u8(OP.return).u8(OP.end);
}
