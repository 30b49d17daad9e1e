/**
 * A tiny module that calls handlers: it moves the stack pointer, hands over the budget, calls through its own table, puts the
 * stack pointer back, and asks the host what comes next, until nothing does. It is also what stands between the guest
 * and the host at a safepoint and at a probe, and what doors.ts does before and after a call of the host.
 *
 * Where nothing hangs on a handler's return, the host is not asked: it catches up when it is called next.
 *
 * It imports the guest's globals of budget and stack pointer, and the registers (scheduler/registers.ts). Knows nothing of
 * priorities; core.ts decides.
 */
import { FIRST_SIGNAL_SLOT, FOLLOWING, type Following, REGISTER, type Registers } from '../scheduler/registers.ts';
import { RED_ZONE_BYTES, STACK_ALIGNMENT } from '../stacks/handler-stack.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import type { FunctionType } from '../wasm/types.ts';
import { Writer } from '../wasm/writer.ts';

/** Its name, by which its frames are told from the guest's in a backtrace. */
const MODULE_NAME = 'wirq:handler-call';

/** Where in the table a function begins that takes the line; below are those that take nothing. */
const WITH_LINE = 256;
/** Behind those of signals that take the signal: those that take siginfo_t and ucontext_t too. */
const WITH_INFO = FIRST_SIGNAL_SLOT + 65;
const SLOTS = WITH_INFO + 65;

/** The guest's globals, by the names they are exported as. */
export interface GuestGlobals {
  readonly budget: WebAssembly.Global;
  /** Undefined where the module has no stack in linear memory. */
  readonly stackPointer: WebAssembly.Global | undefined;
}

/** What the host does when the guest calls out. Each answers with the slot of the handler to run, 0 for none. */
export interface HostSide {
  readonly safepoint: (masked: number) => number;
  readonly probe: (functionIndex: number) => number;
  /** A handler has returned, which was number `delivered` of those for interrupts. */
  readonly left: (slot: number, delivered: number, following: Following, remaining: number) => number;
  /** A handler was left by something thrown, where it was called from JavaScript. Throws. */
  readonly threw: (slot: number, error: unknown) => never;
}

export class HandlerCall {
  /** Functions for the hook table of the guest. */
  readonly safepoint: WebAssembly.ExportValue;
  readonly probe: WebAssembly.ExportValue;
  /** What doors do before a call and after. */
  readonly leaveGuest: WebAssembly.ExportValue;
  readonly enterGuest: WebAssembly.ExportValue;
  /** Runs a handler and those that follow it. */
  readonly run: (slot: number, following: Following) => void;
  readonly #host: HostSide;
  readonly #registers: Registers;
  /** Calls one handler. */
  #call: (slot: number) => void;
  readonly #table: WebAssembly.Table;

  constructor(globals: GuestGlobals, registers: Registers, host: HostSide) {
    const { budget, stackPointer } = globals;
    const wide = typeof stackPointer?.value === 'bigint';
    const module = compiled(stackPointer === undefined ? 'none' : wide ? 'i64' : 'i32');
    this.#host = host;
    this.#registers = registers;
    const { exports } = new WebAssembly.Instance(module, {
      g: { b: budget, m: registers.memory, ...(stackPointer === undefined ? {} : { s: stackPointer }) },
      h: { s: host.safepoint, p: host.probe, l: host.left },
    });
    this.#call = exports.call as (slot: number) => void;
    this.run = exports.run as (slot: number, following: Following) => void;
    this.safepoint = exports.safepoint!;
    this.probe = exports.probe!;
    this.leaveGuest = exports.leaveGuest!;
    this.enterGuest = exports.enterGuest!;
    this.#table = exports.table as WebAssembly.Table;
  }

  /**
   * The same as `run`, for a guest whose handlers may throw what is to be seen on its way, or are surrounded, or park: each
   * is called from here.
   */
  runFromHere(first: number, following: Following): void {
    let delivered = 0;
    for (let slot = first; slot !== 0; ) {
      this.callHere(slot);
      if (slot < FIRST_SIGNAL_SLOT) delivered++;
      slot = this.#host.left(slot, delivered, following, this.#registers.budget);
    }
  }

  /** Calls one handler that was prepared for. */
  callHere(slot: number): void {
    try {
      this.#call(slot);
    } catch (error) {
      this.#host.threw(slot, error);
    }
  }

  /** Does something around every call of `runFromHere`. */
  surround(around: (call: () => void) => void): void {
    const inner = this.#call;
    this.#call = (slot) => around(() => inner(slot));
  }

  /** Makes a function of the guest number `n` of the handlers. @returns the slot to call it by. */
  set(n: number, handler: WebAssembly.ExportValue, takesLine: boolean): number {
    const slot = takesLine ? WITH_LINE + n : n;
    this.#table.set(slot, handler);
    return slot;
  }

  /** Makes a function the handler of a signal. @returns the slot to call it by. */
  setSignal(signal: number, handler: WebAssembly.ExportValue, type: FunctionType | undefined): number {
    const plain = type !== undefined && type.results.length === 0;
    const slot = plain && type.params.length === 1 ? FIRST_SIGNAL_SLOT + signal : WITH_INFO + signal;
    const fits = plain && (type.params.length === 1 || type.params.length === 3);
    this.#table.set(slot, fits ? handler : takingAll(handler as unknown as SignalHandler));
    return slot;
  }

  /** What is called by a slot, for those who run it on a stack of its own. */
  at(slot: number): { readonly entry: (...args: unknown[]) => unknown; readonly takesLine: boolean } {
    return { entry: this.#table.get(slot) as (...args: unknown[]) => unknown, takesLine: slot >= WITH_LINE };
  }
}

/** Whether a handler is called with the number of its signal alone. */
export function takesSignalOnly(slot: number): boolean {
  return slot < WITH_INFO;
}

// The module

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
const FUNC = 0x60;
const FUNCREF = 0x70;
const EMPTY_BLOCK = 0x40;

/** Types by their numbers of i32 parameters, and of results where there is one. */
const [TAKES_0, TAKES_1, TAKES_3, TAKES_1_GIVES_1, TAKES_4_GIVES_1, TAKES_2_GIVES_1, TAKES_2] = [0, 1, 2, 3, 4, 5, 6];
const TYPES = [
  ...[7, FUNC, 0, 0, FUNC, 1, I32, 0, FUNC, 3, I32, I32, I32, 0, FUNC, 1, I32, 1, I32],
  ...[FUNC, 4, I32, I32, I32, I32, 1, I32, FUNC, 2, I32, I32, 1, I32, FUNC, 2, I32, I32, 0],
];
/** The functions that are imported, and those that follow them. */
const [HOST_SAFEPOINT, HOST_PROBE, HOST_LEFT, CALL, RUN, LEAVE_GUEST, ENTER_GUEST, SAFEPOINT, PROBE] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
];
const [BUDGET_GLOBAL, POINTER_GLOBAL] = [0, 1];

function handlerCallModule(pointer: Pointer): Uint8Array<ArrayBuffer> {
  const imports = new Writer().u8(pointer === 'none' ? 5 : 6);
  for (const [name, type] of [
    ['s', TAKES_1_GIVES_1],
    ['p', TAKES_1_GIVES_1],
    ['l', TAKES_4_GIVES_1],
  ] as const) {
    imports.name('h').name(name).bytes([0, type]);
  }
  imports.name('g').name('m').bytes([2, 1, 1, 1]).name('g').name('b').bytes([3, I32, 1]);
  if (pointer !== 'none') {
    imports
      .name('g')
      .name('s')
      .bytes([3, pointer === 'i64' ? I64 : I32, 1]);
  }
  const exports = new Writer().u8(7).name('table').bytes([1, 0]);
  for (const [name, index] of Object.entries({
    call: CALL,
    run: RUN,
    leaveGuest: LEAVE_GUEST,
    enterGuest: ENTER_GUEST,
    safepoint: SAFEPOINT,
    probe: PROBE,
  })) {
    exports.name(name).bytes([0, index]);
  }
  const bodies = [callBody(pointer), runBody(), leaveGuestBody(), enterGuestBody(), safepointBody(), probeBody()];
  const code = new Writer().u8(bodies.length);
  for (const body of bodies) code.u32(body.length).bytes(body.view());
  const out = new Writer(1024).bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  for (const [id, contents] of [
    [1, new Writer().bytes(TYPES)],
    [2, imports],
    [3, new Writer().bytes([6, TAKES_1, TAKES_2, TAKES_0, TAKES_0, TAKES_2_GIVES_1, TAKES_1])],
    [4, new Writer().u8(1).u8(FUNCREF).u8(0).u32(SLOTS)],
    [7, exports],
    [10, code],
    [
      0,
      new Writer()
        .name('name')
        .u8(0)
        .u8(MODULE_NAME.length + 1)
        .name(MODULE_NAME),
    ],
  ] as const) {
    out.u8(id).u32(contents.length).bytes(contents.view());
  }
  return out.view();
}

const op = {
  get: opcodeNamed('local.get')!,
  set: opcodeNamed('local.set')!,
  tee: opcodeNamed('local.tee')!,
  getGlobal: opcodeNamed('global.get')!,
  setGlobal: opcodeNamed('global.set')!,
  drop: opcodeNamed('drop')!,
  select: opcodeNamed('select')!,
  call: opcodeNamed('call')!,
  callIndirect: opcodeNamed('call_indirect')!,
  loop: opcodeNamed('loop')!,
  brIf: opcodeNamed('br_if')!,
  if: opcodeNamed('if')!,
  else: opcodeNamed('else')!,
  i32Const: opcodeNamed('i32.const')!,
  return: opcodeNamed('return')!,
  i32LtS: opcodeNamed('i32.lt_s')!,
  i32GeS: opcodeNamed('i32.ge_s')!,
  i32Eqz: opcodeNamed('i32.eqz')!,
  i32Add: opcodeNamed('i32.add')!,
  load: opcodeNamed('i32.load')!,
  store: opcodeNamed('i32.store')!,
  loadFloat: opcodeNamed('f64.load')!,
  i32: { const: opcodeNamed('i32.const')!, sub: opcodeNamed('i32.sub')!, and: opcodeNamed('i32.and')! },
  i64: { const: opcodeNamed('i64.const')!, sub: opcodeNamed('i64.sub')!, and: opcodeNamed('i64.and')! },
  i64Eqz: opcodeNamed('i64.eqz')!,
  truncate: opcodeNamed('i64.trunc_f64_u')!,
  end: opcodeNamed('end')!,
} as const;

/** Puts a register on the stack. */
function load(code: Writer, register: number): Writer {
  return code.bytes([op.i32Const, 0, op.load, 2]).u32(register * 4);
}

/** Stores what `push` puts on the stack in a register. */
function store(code: Writer, register: number, push: Uint8Array | readonly number[]): Writer {
  return code
    .bytes([op.i32Const, 0])
    .bytes(push)
    .bytes([op.store, 2])
    .u32(register * 4);
}

/** (slot): calls one handler. */
function callBody(pointer: Pointer): Writer {
  const [slot, interrupted, top] = [0, 1, 2];
  const code = new Writer();
  if (pointer === 'none') code.u8(0);
  else {
    code.bytes([1, 2, pointer === 'i64' ? I64 : I32]);
    code.bytes([op.getGlobal, POINTER_GLOBAL, op.set, interrupted]);
    startOfStack(code, pointer, interrupted, top);
    code.bytes([op.setGlobal, POINTER_GLOBAL]);
  }
  load(code, REGISTER.budget).bytes([op.setGlobal, BUDGET_GLOBAL]);
  code.bytes([op.get, slot, op.i32Const]).s32(WITH_LINE).bytes([op.i32LtS, op.if, EMPTY_BLOCK]);
  code.bytes([op.get, slot, op.callIndirect, TAKES_0, 0, op.else]);
  load(code, REGISTER.argument);
  code.bytes([op.get, slot, op.i32Const]).s32(WITH_INFO).bytes([op.i32LtS, op.if, TAKES_1]);
  code.bytes([op.get, slot, op.callIndirect, TAKES_1, 0, op.else]);
  load(code, REGISTER.info);
  load(code, REGISTER.context);
  code.bytes([op.get, slot, op.callIndirect, TAKES_3, 0, op.end, op.end]);
  if (pointer !== 'none') code.bytes([op.get, interrupted, op.setGlobal, POINTER_GLOBAL]);
  return store(code, REGISTER.budget, [op.getGlobal, BUDGET_GLOBAL]).u8(op.end);
}

/** Where the handler's stack begins; where that is 0, below the red zone of the interrupted stack, aligned. */
function startOfStack(code: Writer, pointer: 'i32' | 'i64', interrupted: number, top: number): void {
  const width = op[pointer];
  code.bytes([op.get, interrupted, width.const]).s32(RED_ZONE_BYTES).u8(width.sub);
  code.u8(width.const).s32(-STACK_ALIGNMENT).u8(width.and);
  if (pointer === 'i32') load(code, REGISTER.top);
  else
    code
      .bytes([op.i32Const, 0, op.loadFloat, 3])
      .u32(REGISTER.wideTop * 8)
      .u8(op.truncate);
  code.bytes([op.tee, top, op.get, top, pointer === 'i64' ? op.i64Eqz : op.i32Eqz, op.select]);
}

/** (slot, following): calls the handler and those that the host names after it. */
function runBody(): Writer {
  const [slot, following, delivered] = [0, 1, 2];
  const code = new Writer().bytes([1, 1, I32, op.loop, EMPTY_BLOCK]);
  code.bytes([op.get, slot, op.call, CALL]);
  returnQuietly(code);
  code.bytes([op.get, slot]);
  code.bytes([op.get, delivered, op.get, slot, op.i32Const]).s32(FIRST_SIGNAL_SLOT);
  code.bytes([op.i32LtS, op.i32Add, op.tee, delivered, op.get, following]);
  load(code, REGISTER.budget).bytes([op.call, HOST_LEFT]);
  return code.bytes([op.tee, slot, op.brIf, 0, op.end, op.end]);
}

/** Leaves the host a note and returns, if nothing hangs on a handler's return and it has budget left. */
function returnQuietly(code: Writer): void {
  const zero = [op.i32Const, 0];
  load(code, REGISTER.quiet).bytes([op.if, EMPTY_BLOCK]);
  store(code, REGISTER.quiet, zero); // it was for this handler, and not for those that the host names after it
  load(code, REGISTER.budget).bytes([...zero, op.i32GeS, op.if, EMPTY_BLOCK]);
  store(code, REGISTER.returnedWith, load(new Writer(8), REGISTER.budget).view());
  store(code, REGISTER.returned, [op.i32Const, 1]).bytes([op.return, op.end, op.end]);
}

/** Takes the counter out of the guest, when it calls the host. Something may hang now on the return of the handler that called. */
function leave(code: Writer, budget: readonly number[]): Writer {
  store(code, REGISTER.quiet, [op.i32Const, 0]);
  return store(code, REGISTER.budget, budget);
}

/** What a door does before it calls the host. */
function leaveGuestBody(): Writer {
  return leave(new Writer().u8(0), [op.getGlobal, BUDGET_GLOBAL]).u8(op.end);
}

/** What a door does when the host has returned. */
function enterGuestBody(): Writer {
  const slot = 0;
  const code = load(new Writer().bytes([1, 1, I32]), REGISTER.next).bytes([op.tee, slot, op.if, EMPTY_BLOCK]);
  store(code, REGISTER.next, [op.i32Const, 0]);
  code.bytes([op.get, slot, op.i32Const, FOLLOWING.hostCall, op.call, RUN, op.end]);
  return load(code, REGISTER.budget).bytes([op.setGlobal, BUDGET_GLOBAL, op.end]);
}

/** (budget, masked) → budget. */
function safepointBody(): Writer {
  const [budget, masked] = [0, 1];
  const code = leave(new Writer().u8(0), [op.get, budget]);
  code.bytes([op.get, masked, op.call, HOST_SAFEPOINT, op.tee, masked, op.if, EMPTY_BLOCK]);
  code.bytes([op.get, masked, op.i32Const, FOLLOWING.safepoint, op.call, RUN, op.end]);
  return load(code, REGISTER.budget).u8(op.end);
}

/** (function index). */
function probeBody(): Writer {
  const index = 0;
  const code = leave(new Writer().u8(0), [op.getGlobal, BUDGET_GLOBAL]);
  code.bytes([op.get, index, op.call, HOST_PROBE, op.tee, index, op.if, EMPTY_BLOCK]);
  code.bytes([op.get, index, op.i32Const, FOLLOWING.hostCall, op.call, RUN, op.end]);
  return load(code, REGISTER.budget).bytes([op.setGlobal, BUDGET_GLOBAL, op.end]);
}

// Handlers of signals of whatever type

type SignalHandler = (signal: number, info: number, context: number) => unknown;

// (import "h" "s" (func (param i32 i32 i32))), exported.
const TAKING_ALL = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[1, 7, 1, FUNC, 3, I32, I32, I32, 0],
  ...[2, 7, 1, 1, 0x68, 1, 0x73, 0, 0],
  ...[7, 5, 1, 1, 0x73, 0, 0],
]);
let takingAllModule: WebAssembly.Module | undefined;

/** A function that takes all that a handler may, for one that does not: JavaScript leaves out what is too much. */
function takingAll(handler: SignalHandler): WebAssembly.ExportValue {
  takingAllModule ??= new WebAssembly.Module(TAKING_ALL);
  const call = (signal: number, info: number, context: number): void => {
    handler(signal, info, context);
  };
  return new WebAssembly.Instance(takingAllModule, { h: { s: call } }).exports.s!;
}
