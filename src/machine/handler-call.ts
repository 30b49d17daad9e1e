/**
 * A tiny module that calls a handler: it moves the stack pointer, hands over the budget, calls through its own table, and
 * puts the stack pointer back, all in one step from JavaScript. Doing the same from JavaScript takes six calls, and each
 * different handler called from there costs as much as all of them.
 *
 * It imports the guest's globals of budget and stack pointer. Knows nothing of priorities; core.ts decides.
 */
import { RED_ZONE_BYTES, STACK_ALIGNMENT } from '../stacks/handler-stack.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import type { FunctionType } from '../wasm/types.ts';
import { Writer } from '../wasm/writer.ts';

/** Its name, by which its frames are told from the guest's in a backtrace. */
const MODULE_NAME = 'wirq:handler-call';

/** Where in the table a function begins that takes the line; below are those that take nothing. */
const WITH_LINE = 256;

/** Behind those of exceptions: one for each signal. */
const SIGNALS = 2 * WITH_LINE;
const SLOTS = SIGNALS + 65;

/** The guest's globals, by the names they are exported as. */
export interface GuestGlobals {
  readonly budget: WebAssembly.Global;
  /** Undefined where the module has no stack in linear memory. */
  readonly stackPointer: WebAssembly.Global | undefined;
}

/** Calls `handler` number `slot`; on the stack that ends at `top`, or where that is 0, on the interrupted one. */
type Call = (slot: number, line: number, budget: number, top: number) => number;

export class HandlerCall {
  /** @returns what the handler left of the budget. */
  call: Call;
  readonly #table: WebAssembly.Table;

  constructor(globals: GuestGlobals) {
    const { budget, stackPointer } = globals;
    const wide = typeof stackPointer?.value === 'bigint';
    const module = compiled(stackPointer === undefined ? 'none' : wide ? 'i64' : 'i32');
    const { exports } = new WebAssembly.Instance(module, {
      g: { b: budget, ...(stackPointer === undefined ? {} : { s: stackPointer }) },
    });
    this.call = exports.call as Call;
    this.#table = exports.table as WebAssembly.Table;
  }

  /** Makes a function the handler of a signal. @returns the slot to call it by; undefined for one that takes more. */
  setSignal(signal: number, handler: WebAssembly.ExportValue, type: FunctionType | undefined): number | undefined {
    if (type === undefined || type.params.join() !== 'i32' || type.results.length > 0) return undefined;
    this.#table.set(SIGNALS + signal, handler);
    return SIGNALS + signal;
  }

  /** Does something around every call. */
  surround(around: (call: () => number) => number): void {
    const inner = this.call;
    this.call = (slot, line, budget, top) => around(() => inner(slot, line, budget, top));
  }

  /** Makes a function of the guest number `n` of the handlers. @returns the slot to call it by. */
  set(n: number, handler: WebAssembly.ExportValue, takesLine: boolean): number {
    const slot = takesLine ? WITH_LINE + n : n;
    this.#table.set(slot, handler);
    return slot;
  }

  /** What is called by a slot, for those who run it on a stack of its own. */
  at(slot: number): { readonly entry: (...args: unknown[]) => unknown; readonly takesLine: boolean } {
    return { entry: this.#table.get(slot) as (...args: unknown[]) => unknown, takesLine: slot >= WITH_LINE };
  }
}

type Pointer = 'none' | 'i32' | 'i64';

const modules = new Map<Pointer, WebAssembly.Module>();

function compiled(pointer: Pointer): WebAssembly.Module {
  const known = modules.get(pointer);
  if (known !== undefined) return known;
  const module = new WebAssembly.Module(handlerCallModule(pointer));
  modules.set(pointer, module);
  return module;
}

const I32 = 0x7f;
const I64 = 0x7e;
const F64 = 0x7c;
const FUNC = 0x60;
const FUNCREF = 0x70;
const END = 0x0b;

function handlerCallModule(pointer: Pointer): Uint8Array<ArrayBuffer> {
  const type = pointer === 'i64' ? I64 : I32;
  const imports = new Writer().u8(pointer === 'none' ? 1 : 2);
  imports.name('g').name('b').bytes([3, I32, 1]);
  if (pointer !== 'none') imports.name('g').name('s').bytes([3, type, 1]);
  // An address of 64 bits comes as a float: a BigInt would have to be allocated for every call.
  const top = pointer === 'i64' ? F64 : I32;
  const types = [3, FUNC, 0, 0, FUNC, 1, I32, 0, FUNC, 4, I32, I32, I32, top, 1, I32];
  const name = new Writer().name('name').u8(0).u8(new Writer().name(MODULE_NAME).length).name(MODULE_NAME);
  const code = body(pointer);
  const module = new Writer().bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  section(module, 1, new Writer().bytes(types));
  section(module, 2, imports);
  section(module, 3, new Writer().bytes([1, 2]));
  section(module, 4, new Writer().u8(1).u8(FUNCREF).u8(0).u32(SLOTS));
  section(module, 7, new Writer().u8(2).name('call').u8(0).u8(0).name('table').u8(1).u8(0));
  section(module, 10, new Writer().u8(1).u32(code.length).bytes(code.view()));
  section(module, 0, name);
  return module.view();
}

function section(module: Writer, id: number, contents: Writer): void {
  module.u8(id).u32(contents.length).bytes(contents.view());
}

const opcodes = {
  get: opcodeNamed('local.get')!,
  tee: opcodeNamed('local.tee')!,
  getGlobal: opcodeNamed('global.get')!,
  setGlobal: opcodeNamed('global.set')!,
  drop: opcodeNamed('drop')!,
  select: opcodeNamed('select')!,
  callIndirect: opcodeNamed('call_indirect')!,
  if: opcodeNamed('if')!,
  else: opcodeNamed('else')!,
  i32Const: opcodeNamed('i32.const')!,
  i32LtS: opcodeNamed('i32.lt_s')!,
  i32Eqz: opcodeNamed('i32.eqz')!,
  i32: { const: opcodeNamed('i32.const')!, sub: opcodeNamed('i32.sub')!, and: opcodeNamed('i32.and')! },
  i64: { const: opcodeNamed('i64.const')!, sub: opcodeNamed('i64.sub')!, and: opcodeNamed('i64.and')! },
  i64Eqz: opcodeNamed('i64.eqz')!,
  truncate: opcodeNamed('i64.trunc_f64_u')!,
};
const EMPTY_BLOCK = 0x40;
const [BUDGET_GLOBAL, POINTER_GLOBAL] = [0, 1];

/** (slot, line, budget, top) → what is left of the budget. */
function body(pointer: Pointer): Writer {
  const op = opcodes;
  const [slot, line, budget, top, interrupted] = [0, 1, 2, 3, 4];
  const code = new Writer();
  if (pointer === 'none') code.u8(0);
  else {
    code.bytes([1, 1, pointer === 'i64' ? I64 : I32]);
    code.bytes([op.getGlobal, POINTER_GLOBAL, op.tee, interrupted, op.drop]);
    startOfStack(code, pointer, top, interrupted);
    code.bytes([op.setGlobal, POINTER_GLOBAL]);
  }
  code.bytes([op.get, budget, op.setGlobal, BUDGET_GLOBAL]);
  code.bytes([op.get, slot, op.i32Const]).s32(WITH_LINE).bytes([op.i32LtS, op.if, EMPTY_BLOCK]);
  code.bytes([op.get, slot, op.callIndirect, 0, 0, op.else]);
  code.bytes([op.get, line, op.get, slot, op.callIndirect, 1, 0, END]);
  if (pointer !== 'none') code.bytes([op.get, interrupted, op.setGlobal, POINTER_GLOBAL]);
  return code.bytes([op.getGlobal, BUDGET_GLOBAL, END]);
}

/** `top`, or where that is 0, below the red zone of the interrupted stack, aligned. */
function startOfStack(code: Writer, pointer: 'i32' | 'i64', top: number, interrupted: number): void {
  const op = opcodes;
  const width = op[pointer];
  const address = pointer === 'i64' ? [op.get, top, op.truncate] : [op.get, top];
  const isZero = pointer === 'i64' ? op.i64Eqz : op.i32Eqz;
  code.bytes([op.get, interrupted, width.const]).s32(RED_ZONE_BYTES).u8(width.sub);
  code.u8(width.const).s32(-STACK_ALIGNMENT).u8(width.and);
  code.bytes(address).bytes(address).bytes([isZero, op.select]);
}
