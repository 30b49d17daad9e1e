/**
 * Where a run begins: `_start`; else `_initialize`, then what was asked for by name or an exported `main`; a module
 * with none of these lives on its interrupts.
 */
import { WirqError } from '../errors.ts';
import type { Module } from '../wasm/module.ts';
import type { FunctionType } from '../wasm/types.ts';

export interface Entry {
  /** Called first, in this order. */
  readonly before: readonly string[];
  /** Called last: when it returns the run is over. Undefined: the machine idles between interrupts. */
  readonly main: string | undefined;
}

export function findEntry(module: Module, invoke: string | undefined): Entry {
  const functions = module.exports.filter((each) => each.kind === 'func').map((each) => each.name);
  if (functions.includes('_start')) {
    if (invoke === undefined) return { before: [], main: '_start' };
    throw new WirqError(
      'bad-argument',
      `${invoke} cannot be invoked: the module is a command, which begins at _start`,
      {
        advice: 'leave --invoke out, or build the module as a reactor (-mexec-model=reactor)',
      },
    );
  }
  if (invoke !== undefined && !functions.includes(invoke)) {
    throw new WirqError('bad-argument', `the module exports no function ${invoke}`, {
      advice: `it exports ${functions.slice(0, 12).join(', ') || 'no function at all'}`,
    });
  }
  const before = functions.includes('_initialize') ? ['_initialize'] : [];
  return { before, main: invoke ?? (functions.includes('main') ? 'main' : undefined) };
}

/**
 * The arguments of the last call. `given` are texts from a command line, converted to the parameters' types;
 * undefined fills with zeros (C's `main(int, char**)` without arguments).
 */
export function invocationArguments(
  name: string,
  type: FunctionType,
  given: readonly string[] | undefined,
): (number | bigint)[] {
  if (given === undefined) return type.params.map((param) => (param === 'i64' ? 0n : 0));
  if (given.length !== type.params.length) {
    throw new WirqError('bad-argument', `${name} takes ${type.params.length} arguments, not ${given.length}`, {
      advice: `its parameters are (${type.params.join(', ')})`,
    });
  }
  return type.params.map((param, at) => convert(given[at]!, param, name));
}

function convert(text: string, type: string, name: string): number | bigint {
  const whole = /^[+-]?(\d+|0x[0-9a-f]+)$/i.test(text);
  if (type === 'i32' && whole) return Number(text);
  if (type === 'i64' && whole) return BigInt(text);
  const number = Number(text);
  if ((type === 'f32' || type === 'f64') && text.trim() !== '' && !Number.isNaN(number)) return number;
  throw new WirqError('bad-argument', `${name}: ${JSON.stringify(text)} is not an argument of type ${type}`, {
    advice: 'arguments of invoked functions are numbers',
  });
}
