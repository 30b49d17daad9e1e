/** Functions of the guest's own table as handlers: of interrupts (`set_vector`) and of signals (`sigaction`). */
import { type ExceptionNumber, lineOf } from '../interrupts/exceptions.ts';
import { signalName } from '../signals/numbers.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineCore } from './core.ts';
import type { Guest } from './guest.ts';
import { tableFunction } from './table-function.ts';
import { checkSignalHandler, takesLine } from './vectors.ts';

/** @throws WirqError `bad-handler`. */
export function setVector(
  core: MachineCore,
  guest: Guest,
  module: Module,
  n: ExceptionNumber,
  tableIndex: number,
): void {
  const name = `set_vector(${lineOf(n)}, ${tableIndex})`;
  const { entry, type, called } = tableFunction(module, guest.table, tableIndex, name);
  const wantsLine = type === undefined ? entry.length === 1 : takesLine(type, called);
  core.setVector(n, guest.handlers.set(n, entry as WebAssembly.ExportValue, wantsLine));
}

/** @throws WirqError `bad-handler`. */
export function setSignalHandler(
  core: MachineCore,
  guest: Guest,
  module: Module,
  signal: number,
  tableIndex: number,
): void {
  const name = `sigaction(${signalName(signal)})`;
  const { entry, type, called } = tableFunction(module, guest.table, tableIndex, name);
  if (type !== undefined) checkSignalHandler(type, called);
  core.signals.setHandler(signal, guest.handlers.setSignal(signal, entry as WebAssembly.ExportValue, type));
}
