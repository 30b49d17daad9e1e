/**
 * Where the appended types, table, globals, functions and exports stand: at the ends of their index spaces, so that nothing the
 * module has changes its number. And what the sections that gain entries have to gain.
 */
import { type Module, sectionIds } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import { Writer } from '../wasm/writer.ts';
import type { Carriers } from './carriers.ts';
import type { StackPointer } from './stack-pointer.ts';

/** Names of the exports through which a host drives a rewritten module. */
export interface HookNames {
  /** The appended table of two functions: 0 the safepoint, (budget, masked) → new budget; 1 the probe, (function index) → (). */
  readonly hooks: string;
  readonly getBudget: string;
  readonly setBudget: string;
  /** The former start function, which the host has to call. */
  readonly start: string | undefined;
  /** Memory 0. */
  readonly memory: string | undefined;
  /** The guest's own table 0, if it holds functions. */
  readonly table: string | undefined;
  readonly getStackPointer: string | undefined;
  readonly setStackPointer: string | undefined;
  /** The globals themselves, for Wasm code of the host's that imports them: far cheaper there than the functions. */
  readonly budget: string;
  readonly stackPointer: string | undefined;
}

export interface Layout {
  readonly names: HookNames;
  readonly budgetGlobal: number;
  readonly hooksTable: number;
  /** Types of the two hooks. */
  readonly safepointType: number;
  readonly probeType: number;
  /** () → (): gives the host the budget that is in the global, and takes its answer there. */
  readonly globalSafepointFunction: number;
  /** (budget) → new budget: the same for a budget in a local. */
  readonly safepointFunction: number;
  /** (budget) → new budget: tells the host that it is masked. */
  readonly maskedSafepointFunction: number;
}

/** What a section gains: so many entries, in these bytes. */
export interface Addition {
  readonly count: number;
  readonly bytes: Uint8Array;
}

export const safepointSlot = 0;
export const probeSlot = 1;
/**
 * The largest budget a host may give. Exact counts also give back what was charged on another path, and a budget near the largest
 * 32-bit number would wrap around.
 */
export const maxBudget = 2 ** 30;
/** Until the host sets one: nothing is due for a long time. */
const initialBudget = maxBudget;

const i32 = 0x7f;
const i64 = 0x7e;
const end = 0x0b;
export const op = {
  unreachable: opcodeNamed('unreachable')!,
  block: opcodeNamed('block')!,
  loop: opcodeNamed('loop')!,
  br: opcodeNamed('br')!,
  brIf: opcodeNamed('br_if')!,
  call: opcodeNamed('call')!,
  callIndirect: opcodeNamed('call_indirect')!,
  if: opcodeNamed('if')!,
  else: opcodeNamed('else')!,
  drop: opcodeNamed('drop')!,
  localGet: opcodeNamed('local.get')!,
  localSet: opcodeNamed('local.set')!,
  localTee: opcodeNamed('local.tee')!,
  globalGet: opcodeNamed('global.get')!,
  globalSet: opcodeNamed('global.set')!,
  i32Const: opcodeNamed('i32.const')!,
  i32Sub: opcodeNamed('i32.sub')!,
  i32LtS: opcodeNamed('i32.lt_s')!,
  i32GeS: opcodeNamed('i32.ge_s')!,
  i32GeU: opcodeNamed('i32.ge_u')!,
  i32Add: opcodeNamed('i32.add')!,
  i32Mul: opcodeNamed('i32.mul')!,
  i32DivU: opcodeNamed('i32.div_u')!,
  i32GtS: opcodeNamed('i32.gt_s')!,
  i32Ne: opcodeNamed('i32.ne')!,
  i32Rotr: opcodeNamed('i32.rotr')!,
  select: opcodeNamed('select')!,
  i32Wrap: opcodeNamed('i32.wrap_i64')!,
  i64Const: opcodeNamed('i64.const')!,
  i64Mul: opcodeNamed('i64.mul')!,
  i64Sub: opcodeNamed('i64.sub')!,
  i64GeS: opcodeNamed('i64.ge_s')!,
  i64ExtendS: opcodeNamed('i64.extend_i32_s')!,
  i64ExtendU: opcodeNamed('i64.extend_i32_u')!,
  end,
} as const;
export const emptyBlock = 0x40;

/** `wirq:`, or `wirq1:` and so on if the module exports such names itself. */
export function freePrefix(module: Module): string {
  for (let i = 0; ; i++) {
    const prefix = i === 0 ? 'wirq:' : `wirq${i}:`;
    if (!module.exports.some(({ name }) => name.startsWith(prefix))) return prefix;
  }
}

function hookNames(module: Module, stackPointer: StackPointer | undefined): HookNames {
  const prefix = freePrefix(module);
  const when = (condition: boolean, name: string): string | undefined => (condition ? prefix + name : undefined);
  return {
    hooks: `${prefix}hooks`,
    getBudget: `${prefix}get_budget`,
    setBudget: `${prefix}set_budget`,
    start: when(module.start !== undefined, 'start'),
    memory: when(module.memories.length > 0, 'memory'),
    table: when(module.tables[0]?.element === 'funcref', 'table'),
    getStackPointer: when(stackPointer !== undefined, 'get_stack_pointer'),
    setStackPointer: when(stackPointer !== undefined, 'set_stack_pointer'),
    budget: `${prefix}budget`,
    stackPointer: when(stackPointer !== undefined, 'stack_pointer'),
  };
}

/** A function to append: its type as (params, results) and its body without the size. */
interface Appended {
  readonly exportAs: string | undefined;
  readonly params: readonly number[];
  readonly results: readonly number[];
  readonly body: Writer;
}

/** Which of the functions that call the safepoint a module needs beside the first: for budgets in locals, and masked ones. */
export interface Needs {
  readonly locals: boolean;
  readonly masks: boolean;
}

/** Lays out the additions to a module. The functions' bodies come with the code section. */
export class Additions {
  readonly layout: Layout;
  readonly #module: Module;
  readonly #stackPointer: StackPointer | undefined;
  readonly #functions: Appended[] = [];
  readonly #firstType: number;
  readonly #carriers: Carriers;

  constructor(module: Module, stackPointer: StackPointer | undefined, carriers: Carriers, needs: Needs) {
    this.#module = module;
    this.#carriers = carriers;
    this.#stackPointer = stackPointer;
    this.#firstType = module.types.length;
    const names = hookNames(module, stackPointer);
    const safepoints = 1 + Number(needs.locals) + Number(needs.masks);
    const count = safepoints + (stackPointer === undefined ? 2 : 4);
    const first = module.functions.length;
    this.layout = {
      names,
      budgetGlobal: module.globals.length,
      hooksTable: module.tables.length,
      // Each appended function has the type of the same rank; those of the hooks come behind.
      safepointType: this.#firstType + count,
      probeType: this.#firstType + count + 1,
      globalSafepointFunction: first,
      safepointFunction: first + 1,
      maskedSafepointFunction: first + safepoints - 1,
    };
    const takingBudget = { exportAs: undefined, params: [i32], results: [i32] };
    this.#functions.push({ exportAs: undefined, params: [], results: [], body: this.#globalSafepoint() });
    if (needs.locals) this.#functions.push({ ...takingBudget, body: this.#safepoint() });
    if (needs.masks) this.#functions.push({ ...takingBudget, body: this.#maskedSafepoint() });
    this.#accessors(names.getBudget, names.setBudget, this.layout.budgetGlobal, i32);
    if (stackPointer !== undefined) {
      const wide = module.globals[stackPointer.globalIndex]!.type === 'i64';
      this.#accessors(names.getStackPointer!, names.setStackPointer!, stackPointer.globalIndex, wide ? i64 : i32);
    }
  }

  #safepoint(): Writer {
    const { budgetGlobal, globalSafepointFunction } = this.layout;
    const body = new Writer(32).u8(0).u8(op.localGet).u32(0).u8(op.globalSet).u32(budgetGlobal);
    return body.u8(op.call).u32(globalSafepointFunction).u8(op.globalGet).u32(budgetGlobal).u8(end);
  }

  #maskedSafepoint(): Writer {
    const { budgetGlobal } = this.layout;
    const body = new Writer(32).u8(0).u8(op.localGet).u32(0).u8(op.globalSet).u32(budgetGlobal);
    return this.#askHost(body, 1).u8(op.globalGet).u32(budgetGlobal).u8(end);
  }

  #globalSafepoint(): Writer {
    return this.#askHost(new Writer(32).u8(0), 0).u8(end);
  }

  /** The global is the budget while the host looks, and takes what it answers. */
  #askHost(body: Writer, masked: number): Writer {
    const { budgetGlobal, safepointType, hooksTable } = this.layout;
    body.u8(op.globalGet).u32(budgetGlobal).u8(op.i32Const).s32(masked).u8(op.i32Const).s32(safepointSlot);
    return body.u8(op.callIndirect).u32(safepointType).u32(hooksTable).u8(op.globalSet).u32(budgetGlobal);
  }

  #accessors(getter: string, setter: string, global: number, type: number): void {
    const get = new Writer(16).u8(0).u8(op.globalGet).u32(global).u8(end);
    this.#functions.push({ exportAs: getter, params: [], results: [type], body: get });
    const set = new Writer(16).u8(0).u8(op.localGet).u32(0).u8(op.globalSet).u32(global).u8(end);
    this.#functions.push({ exportAs: setter, params: [type], results: [], body: set });
  }

  /** The bodies of the appended functions, each with its size, as the code section has them. */
  code(): Addition {
    const writer = new Writer();
    for (const { body } of this.#functions) writer.u32(body.length).bytes(body.view());
    return { count: this.#functions.length, bytes: writer.view() };
  }

  /** What a section other than the code gains; undefined if nothing. */
  forSection(id: number): Addition | undefined {
    switch (id) {
      case sectionIds.type:
        return this.#types();
      case sectionIds.function: {
        const writer = new Writer();
        for (let i = 0; i < this.#functions.length; i++) writer.u32(this.#firstType + i);
        return { count: this.#functions.length, bytes: writer.view() };
      }
      case sectionIds.table:
        return { count: 1, bytes: Uint8Array.of(0x70, 1, 2, 2) };
      case sectionIds.global: {
        const writer = new Writer().u8(i32).u8(1).u8(op.i32Const).s32(initialBudget).u8(end);
        return { count: 1, bytes: writer.view() };
      }
      case sectionIds.export:
        return this.#exports();
      default:
        return undefined;
    }
  }

  /** The type a function gets in place of its own, if it carries the budget: these types come last. */
  carryingType(index: number): number | undefined {
    const number = this.#carriers.typeOf(index);
    return number === undefined ? undefined : this.layout.probeType + 1 + number;
  }

  #types(): Addition {
    const writer = new Writer();
    const hooks = [
      { params: [i32, i32], results: [i32] },
      { params: [i32], results: [] },
    ];
    const types = [...this.#functions, ...hooks, ...this.#carriers.types];
    for (const { params, results } of types) {
      writer.u8(0x60).u32(params.length).bytes(params).u32(results.length).bytes(results);
    }
    return { count: types.length, bytes: writer.view() };
  }

  #exports(): Addition {
    const { names, hooksTable, budgetGlobal, globalSafepointFunction } = this.layout;
    const writer = new Writer();
    let count = 0;
    const add = (name: string | undefined, kind: number, index: number): void => {
      if (name === undefined) return;
      writer.name(name).u8(kind).u32(index);
      count++;
    };
    add(names.hooks, 1, hooksTable);
    add(names.start, 0, this.#module.start ?? 0);
    add(names.memory, 2, 0);
    add(names.table, 1, 0);
    add(names.budget, 3, budgetGlobal);
    add(names.stackPointer, 3, this.#stackPointer?.globalIndex ?? 0);
    this.#functions.forEach(({ exportAs }, i) => {
      add(exportAs, 0, globalSafepointFunction + i);
    });
    return { count, bytes: writer.view() };
  }
}
