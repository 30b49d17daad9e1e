/**
 * The companion module through which a guest's fibers start, park and go on where the engine can switch stacks: a tiny
 * module made to measure, because no JavaScript frame may be on a stack that parks. The guest calls its doors instead of
 * the host; a door calls the host, and parks when the host said so. Encodings: core specification 5, and the
 * stack-switching proposal's Explainer.md, "Binary format" (opcodes 0xE0–0xE6), as V8 14.6 has them.
 *
 * Memory 0 holds two words: [0] what the doorway that just returned was asked to do, [4] the slot to park in.
 */
import { opcodeNamed } from '../wasm/opcodes.ts';
import { Writer } from '../wasm/writer.ts';
import { COMPANION_NAME, type Passing, type Shape } from './backend.ts';

/** What word 0 can say: go on · park and keep the result · park and fetch a result · to who goes on: trap. */
export const GO_ON = 0;
export const KEEP = 1;
export const FETCH = 2;
export const PERISH = 3;
export const DEMAND_WORD = 0;
export const SLOT_WORD = 1;

const TYPE_BYTES: Readonly<Record<Passing, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  externref: 0x6f,
  funcref: 0x70,
};
const EMPTY_BLOCK = 0x40;
const REF = 0x64;
const REF_NULL = 0x63;
const CONT_TYPE = 0x5d;
const PREFIX_FC = 0xfc;
const TABLE_GROW = 0x0f;
/** Type 0 is (func); with continuations, type 1 is (cont 0). */
const PLAIN = 0;
const CONT = 1;
const ENTRY_TABLE = 0;
const PARKED_TABLE = 1;
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
  tableGet: op('table.get'),
  tableSet: op('table.set'),
  load: op('i32.load'),
  store: op('i32.store'),
  const: op('i32.const'),
  eqz: op('i32.eqz'),
  eq: op('i32.eq'),
  unreachable: op('unreachable'),
  refNull: op('ref.null'),
  refFunc: op('ref.func'),
  contNew: op('cont.new'),
  suspend: op('suspend'),
  resume: op('resume'),
} as const;

export interface SwitchboardOptions {
  readonly doors: readonly Shape[];
  readonly shapes: readonly Shape[];
  /** With continuations of the core language; else with a `Suspending` import. */
  readonly continuations: boolean;
}

interface Import {
  readonly module: string;
  readonly name: string;
  readonly type: number;
}

interface Body {
  readonly type: number;
  readonly exportAs: string | undefined;
  readonly code: Writer;
}

/**
 * Imports: `c` the doorways' calls, `f` their fetches, `a` arguments (`0.1`: of shape 0, the second), `r` results, each
 * by number, `s` `s` what suspends, and gives what word 0 says to who goes on; exports: `d0`… the doors, `b0`… which begin
 * a function of a shape, `resume` and `grow` for parked continuations, `trap`, the table `entry`, the memory `words`.
 */
export function switchboard(options: SwitchboardOptions): Uint8Array<ArrayBuffer> {
  return new Switchboard(options).run();
}

class Switchboard {
  readonly #options: SwitchboardOptions;
  readonly #types: Writer[] = [];
  readonly #typeIndex = new Map<string, number>();
  readonly #imports: Import[] = [];
  readonly #importIndex = new Map<string, number>();
  readonly #bodies: Body[] = [];

  constructor(options: SwitchboardOptions) {
    this.#options = options;
    this.#type([], []);
    if (options.continuations) this.#types.push(new Writer(4).u8(CONT_TYPE).u32(PLAIN));
  }

  run(): Uint8Array<ArrayBuffer> {
    const { doors, shapes, continuations } = this.#options;
    this.#declareImports();
    doors.forEach((door, k) => {
      this.#add(`d${k}`, this.#type(door.params, door.results), this.#door(door, k));
    });
    const firstRunner = this.#imports.length + this.#bodies.length;
    shapes.forEach((shape, k) => {
      this.#add(continuations ? undefined : `b${k}`, PLAIN, this.#runner(shape, k));
    });
    if (continuations) this.#addSwitching(firstRunner);
    this.#add('trap', PLAIN, new Writer(4).u8(0).u8(OP.unreachable).u8(OP.end));
    return this.#assemble(continuations ? shapes.map((_, k) => firstRunner + k) : []);
  }

  #declareImports(): void {
    const { doors, shapes, continuations } = this.#options;
    doors.forEach(({ params, results }, k) => {
      this.#import('c', `${k}`, params, results);
      this.#import('f', `${k}`, [], results);
    });
    shapes.forEach(({ params, results }, k) => {
      params.forEach((param, i) => {
        this.#import('a', `${k}.${i}`, [], [param]);
      });
      this.#import('r', `${k}`, results, []);
    });
    if (!continuations) this.#import('s', 's', [], ['i32']);
  }

  #addSwitching(firstRunner: number): void {
    const toWord = this.#type([], ['i32']);
    this.#options.shapes.forEach((_, k) => {
      const begin = new Writer(16)
        .u8(OP.refFunc)
        .u32(firstRunner + k)
        .u8(OP.contNew)
        .u32(CONT);
      this.#add(`b${k}`, toWord, runUntilParked(begin, 0));
    });
    const wordToWord = this.#type(['i32'], ['i32']);
    const take = new Writer(16).u8(OP.localGet).u32(0).u8(OP.tableGet).u32(PARKED_TABLE);
    this.#add('resume', wordToWord, runUntilParked(take, 1));
    const grow = new Writer(16).u8(0).u8(OP.refNull).u32(CONT).u8(OP.localGet).u32(0);
    this.#add('grow', wordToWord, grow.u8(PREFIX_FC).u32(TABLE_GROW).u32(PARKED_TABLE).u8(OP.end));
  }

  /** Calls the host; as long as that asks for it, parks, and then keeps the result or fetches one. */
  #door({ params, results }: Shape, k: number): Writer {
    const demand = params.length + results.length;
    const code = new Writer(64).u32(results.length + 1);
    for (const type of [...results, 'i32' as const]) code.u32(1).u8(TYPE_BYTES[type]);
    const keepResults = () => {
      for (let i = results.length - 1; i >= 0; i--) code.u8(OP.localSet).u32(params.length + i);
    };
    params.forEach((_, i) => {
      code.u8(OP.localGet).u32(i);
    });
    code.u8(OP.call).u32(this.#importIndex.get(`c ${k}`)!);
    keepResults();
    code.u8(OP.block).u8(EMPTY_BLOCK).u8(OP.loop).u8(EMPTY_BLOCK);
    loadWord(code, DEMAND_WORD);
    code.u8(OP.localTee).u32(demand).u8(OP.eqz).u8(OP.brIf).u32(1);
    code
      .u8(OP.const)
      .s32(0)
      .u8(OP.const)
      .s32(GO_ON)
      .u8(OP.store)
      .u32(2)
      .u32(DEMAND_WORD * 4);
    if (this.#options.continuations) loadWord(code.u8(OP.suspend).u32(0), DEMAND_WORD);
    else code.u8(OP.call).u32(this.#importIndex.get('s s')!);
    // A trap is what no `catch_all` of the guest's can stop: its frames are gone, and the engine can use the stack again.
    code.u8(OP.const).s32(PERISH).u8(OP.eq).u8(OP.if).u8(EMPTY_BLOCK).u8(OP.unreachable).u8(OP.end);
    code.u8(OP.localGet).u32(demand).u8(OP.const).s32(FETCH).u8(OP.eq).u8(OP.if).u8(EMPTY_BLOCK);
    code.u8(OP.call).u32(this.#importIndex.get(`f ${k}`)!);
    keepResults();
    code.u8(OP.end).u8(OP.br).u32(0).u8(OP.end).u8(OP.end);
    results.forEach((_, i) => {
      code.u8(OP.localGet).u32(params.length + i);
    });
    return code.u8(OP.end);
  }

  /** What a fiber begins with: asks for the arguments, calls the function in the entry table, hands over what it returned. */
  #runner({ params, results }: Shape, k: number): Writer {
    const code = new Writer(32).u8(0);
    params.forEach((_, i) => {
      code.u8(OP.call).u32(this.#importIndex.get(`a ${k}.${i}`)!);
    });
    code.u8(OP.const).s32(0).u8(OP.callIndirect).u32(this.#type(params, results)).u32(ENTRY_TABLE);
    return code
      .u8(OP.call)
      .u32(this.#importIndex.get(`r ${k}`)!)
      .u8(OP.end);
  }

  #add(exportAs: string | undefined, type: number, code: Writer): void {
    this.#bodies.push({ type, exportAs, code });
  }

  #import(module: string, name: string, params: readonly Passing[], results: readonly Passing[]): void {
    this.#importIndex.set(`${module} ${name}`, this.#imports.length);
    this.#imports.push({ module, name, type: this.#type(params, results) });
  }

  #type(params: readonly Passing[], results: readonly Passing[]): number {
    const key = `${params} ${results}`;
    const known = this.#typeIndex.get(key);
    if (known !== undefined) return known;
    const bytes = (types: readonly Passing[]) => types.map((type) => TYPE_BYTES[type]);
    const writer = new Writer(16).u8(0x60).u32(params.length).bytes(bytes(params));
    this.#types.push(writer.u32(results.length).bytes(bytes(results)));
    this.#typeIndex.set(key, this.#types.length - 1);
    return this.#types.length - 1;
  }

  #assemble(referred: readonly number[]): Uint8Array<ArrayBuffer> {
    const { continuations } = this.#options;
    const out = new Writer(4096).bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    section(out, 1, this.#types);
    section(
      out,
      2,
      this.#imports.map(({ module, name, type }) => new Writer(16).name(module).name(name).u8(0).u32(type)),
    );
    section(
      out,
      3,
      this.#bodies.map(({ type }) => new Writer(4).u32(type)),
    );
    const parked = new Writer(16).u8(REF_NULL).u32(CONT).u8(0).u32(0);
    section(out, 4, [new Writer(8).bytes([TYPE_BYTES.funcref, 0, 1]), ...(continuations ? [parked] : [])]);
    section(out, 5, [new Writer(8).bytes([0, 1])]);
    if (continuations) section(out, 13, [new Writer(8).u8(0).u32(PLAIN)]);
    section(out, 7, this.#exports());
    if (referred.length > 0) {
      const declared = new Writer(16).u8(3).u8(0).u32(referred.length);
      for (const index of referred) declared.u32(index);
      section(out, 9, [declared]);
    }
    section(
      out,
      10,
      this.#bodies.map(({ code }) => new Writer(code.length + 5).u32(code.length).bytes(code.view())),
    );
    const named = new Writer(32).name('name').u8(0);
    const moduleName = new Writer(32).name(COMPANION_NAME);
    named.u32(moduleName.length).bytes(moduleName.view());
    out.u8(0).u32(named.length).bytes(named.view());
    return out.view();
  }

  #exports(): Writer[] {
    const exports = [new Writer(16).name('entry').u8(1).u32(ENTRY_TABLE), new Writer(16).name('words').u8(2).u32(0)];
    this.#bodies.forEach(({ exportAs }, i) => {
      if (exportAs !== undefined)
        exports.push(
          new Writer(16)
            .name(exportAs)
            .u8(0)
            .u32(this.#imports.length + i),
        );
    });
    return exports;
  }
}

/** Runs the continuation that `push` puts on the stack: 0 when it ended, 1 when it parked, in the slot it was told. */
function runUntilParked(push: Writer, params: number): Writer {
  const code = new Writer(64).u32(1).u32(1).u8(REF_NULL).u32(CONT);
  code.u8(OP.block).u8(REF).u32(CONT).bytes(push.view());
  code.u8(OP.resume).u32(CONT).u32(1).u8(0).u32(0).u32(0);
  code.u8(OP.const).s32(0).u8(OP.return).u8(OP.end);
  code.u8(OP.localSet).u32(params);
  loadWord(code, SLOT_WORD);
  code.u8(OP.localGet).u32(params).u8(OP.tableSet).u32(PARKED_TABLE);
  return code.u8(OP.const).s32(1).u8(OP.end);
}

function loadWord(code: Writer, word: number): void {
  code
    .u8(OP.const)
    .s32(0)
    .u8(OP.load)
    .u32(2)
    .u32(word * 4);
}

function section(out: Writer, id: number, entries: readonly Writer[]): void {
  const contents = new Writer(256).u32(entries.length);
  for (const entry of entries) contents.bytes(entry.view());
  out.u8(id).u32(contents.length).bytes(contents.view());
}
