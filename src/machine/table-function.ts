/** Functions in the guest's table, as it names them in calls of `set_vector`, `spawn` and `new`. */
import { WirqError } from '../errors.ts';
import type { Module } from '../wasm/module.ts';
import type { FunctionType } from '../wasm/types.ts';

export interface TableFunction {
  readonly entry: (...args: unknown[]) => unknown;
  /** Undefined for a function of another module. */
  readonly type: FunctionType | undefined;
  /** What was called and the function's name, for messages. */
  readonly called: string;
}

/** `call` is what the guest called, for the message. @throws WirqError `bad-handler` where there is no function. */
export function tableFunction(
  module: Module,
  table: WebAssembly.Table | undefined,
  tableIndex: number,
  call: string,
): TableFunction {
  const entry: unknown = table !== undefined && tableIndex < table.length ? table.get(tableIndex) : undefined;
  if (typeof entry !== 'function') {
    throw new WirqError('bad-handler', `${call}: there is no function at this table index`, {
      advice:
        'export the handler instead, or keep the function table (asc drops one that nothing calls through; --exportTable)',
    });
  }
  // The JS API names an exported function by its index in the module (section 5.6, "the name of the WebAssembly function").
  const index = Number(entry.name);
  const known = Number.isInteger(index) && index < module.functions.length;
  return {
    entry: entry as (...args: unknown[]) => unknown,
    type: known ? module.functionType(index) : undefined,
    called: known ? `${call}, ${module.functionName(index)},` : call,
  };
}
