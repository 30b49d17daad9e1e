/**
 * The functions that a guest imports, each behind a door of WebAssembly: it writes the guest's counter into the registers
 * (scheduler/registers.ts), calls the host, runs the handlers that the host asks for, and gives the counter back. So an
 * interrupt is two calls from WebAssembly to JavaScript and none the other way. What happens before and after the call
 * needs the guest's globals, and is put into the doors' table once there is a guest (handler-call.ts).
 *
 * For guests whose handlers run on the native stack of what they interrupt. Where stacks park, doors are those of
 * stacks/switchboard.ts.
 */
import type { Registers } from '../scheduler/registers.ts';
import { TYPE_BYTES as PASSED_TYPES } from '../stacks/module-builder.ts';
import type { Import, Module } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import { Writer } from '../wasm/writer.ts';

const TYPE_BYTES: Readonly<Record<string, number>> = PASSED_TYPES;

const op = {
  get: opcodeNamed('local.get')!,
  call: opcodeNamed('call')!,
  callIndirect: opcodeNamed('call_indirect')!,
  const: opcodeNamed('i32.const')!,
  end: opcodeNamed('end')!,
};

/** The table's slots: what is done before the host is called, and after. */
const [LEAVE_GUEST, ENTER_GUEST] = [0, 1];
/** Its name, by which its frames are told from the guest's in a backtrace. */
const MODULE_NAME = 'wirq:doors';

/** Whether all functions that a module imports can have doors: those of one name have one type, and it can be written down. */
export function canHaveDoors(module: Module): boolean {
  const types = new Map<string, string>();
  return functionsOf(module).every((each) => {
    const { params, results } = module.functionType(each.index);
    const type = `${params}>${results}`;
    const key = JSON.stringify([each.module, each.name]);
    if ((types.get(key) ?? type) !== type) return false;
    types.set(key, type);
    return [...params, ...results].every((each) => Object.hasOwn(TYPE_BYTES, each));
  });
}

function functionsOf(module: Module): Import[] {
  return module.imports.filter((each) => each.kind === 'func');
}

export class Doors {
  /** What the guest is to be given for its imports. */
  readonly imports: WebAssembly.Imports;
  readonly #table: WebAssembly.Table;

  /** `isBare`: such functions go without a door. */
  constructor(module: Module, imports: WebAssembly.Imports, isBare: (each: Import) => boolean, registers: Registers) {
    const behind = functionsOf(module).filter((each) => !isBare(each));
    const host: Record<string, WebAssembly.ImportValue> = {};
    behind.forEach((each, k) => {
      host[k] = imports[each.module]![each.name]!;
    });
    const compiled = new WebAssembly.Module(doorsModule(module, behind));
    const { exports } = new WebAssembly.Instance(compiled, { h: host, w: { m: registers.memory } });
    this.#table = exports.t as WebAssembly.Table;
    const doors: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
    for (const [name, values] of Object.entries(imports)) doors[name] = Object.assign(Object.create(null), values);
    behind.forEach((each, k) => {
      doors[each.module]![each.name] = exports[k] as WebAssembly.ImportValue;
    });
    this.imports = doors;
  }

  /** Connects the instantiated guest: what happens on the ways out of it and back. */
  connect(leaveGuest: WebAssembly.ExportValue, enterGuest: WebAssembly.ExportValue): void {
    this.#table.set(LEAVE_GUEST, leaveGuest);
    this.#table.set(ENTER_GUEST, enterGuest);
  }
}

const FUNC = 0x60;
const FUNCREF = 0x70;
/** The type of what is called before and after; one for each door follows. */
const NOTHING = 0;
const DOOR_TYPES = 1;

function doorsModule(module: Module, behind: readonly Import[]): Uint8Array<ArrayBuffer> {
  const types = new Writer().u32(DOOR_TYPES + behind.length).bytes([FUNC, 0, 0]);
  const imports = new Writer()
    .u32(behind.length + 1)
    .name('w')
    .name('m')
    .bytes([2, 1, 1, 1]);
  const functions = new Writer().u32(behind.length);
  const exports = new Writer()
    .u32(behind.length + 1)
    .name('t')
    .bytes([1, 0]);
  const code = new Writer().u32(behind.length);
  behind.forEach((each, k) => {
    const { params, results } = module.functionType(each.index);
    types
      .u8(FUNC)
      .u32(params.length)
      .bytes(params.map((type) => TYPE_BYTES[type]!));
    types.u32(results.length).bytes(results.map((type) => TYPE_BYTES[type]!));
    imports
      .name('h')
      .name(`${k}`)
      .u8(0)
      .u32(DOOR_TYPES + k);
    functions.u32(DOOR_TYPES + k);
    exports
      .name(`${k}`)
      .u8(0)
      .u32(behind.length + k);
    const body = door(params.length, k);
    code.u32(body.length).bytes(body.view());
  });
  const out = new Writer(1024).bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  for (const [id, contents] of [
    [1, types],
    [2, imports],
    [3, functions],
    [4, new Writer().bytes([1, FUNCREF, 0, 2])],
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

/** The results stay on the stack while handlers run. */
function door(params: number, k: number): Writer {
  const body = new Writer(32).u8(0);
  body.u8(op.const).s32(LEAVE_GUEST).u8(op.callIndirect).u32(NOTHING).u32(0);
  for (let i = 0; i < params; i++) body.u8(op.get).u32(i);
  body.u8(op.call).u32(k);
  body.u8(op.const).s32(ENTER_GUEST).u8(op.callIndirect).u32(NOTHING).u32(0);
  return body.u8(op.end);
}
