/**
 * Where a run begins: `_start`; else `_initialize`, then what was asked for by name or an exported `main`; a module
 * with none of these lives on its interrupts.
 */
import { WirqError } from '../errors.ts';
import type { Module } from '../wasm/module.ts';
import { type FunctionType, formatSignature } from '../wasm/types.ts';

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

/** An argument as the engine takes it; null for references. */
export type Argument = number | bigint | null;

/**
 * The arguments of a call. `given` are texts from a command line, converted to the parameters' types; undefined fills
 * with zeros (C's `main(int, char**)` without arguments).
 *
 * @throws WirqError `bad-argument` for texts that do not fit, `unsupported` for what cannot be called from outside.
 */
export function invocationArguments(
  name: string,
  type: FunctionType,
  given: readonly string[] | undefined,
): Argument[] {
  if (given === undefined) {
    const outside = [...type.params, ...type.results].find((each) => !isNumber(each) && !isNullable(each));
    if (outside === undefined) return type.params.map(zero);
    throw new WirqError('unsupported', `${name} has the type ${formatSignature(type)}, and ${outside} stays inside`, {
      advice: 'an entry takes and returns numbers',
    });
  }
  if (given.length !== type.params.length) {
    throw new WirqError('bad-argument', `${name} takes ${type.params.length} arguments, not ${given.length}`, {
      advice: `its parameters are (${type.params.join(', ')})`,
    });
  }
  const vector = type.results.find((each) => each === 'v128' || each === 'exnref');
  if (vector !== undefined) {
    throw new WirqError('unsupported', `${name} returns ${vector}, which stays inside`);
  }
  return type.params.map((param, at) => convert(given[at]!, param, name));
}

function isNumber(type: string): boolean {
  return type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64';
}

/** References that may be null, but for exceptions, which the JS API lets neither in nor out. */
function isNullable(type: string): boolean {
  return (/^\w+ref$/.test(type) || type.startsWith('(ref null')) && !/exn/.test(type);
}

function zero(type: string): Argument {
  return isNumber(type) ? (type === 'i64' ? 0n : 0) : null;
}

function convert(text: string, type: string, name: string): Argument {
  const value = type === 'i32' || type === 'i64' ? wholeNumber(text, type === 'i32' ? 32 : 64) : decimal(text, type);
  if (value !== undefined) return value;
  throw new WirqError('bad-argument', `${name}: ${JSON.stringify(text)} is not an argument of type ${type}`, {
    advice: 'arguments of invoked functions are numbers that the parameter can hold',
  });
}

/** Signed or unsigned, decimal or hexadecimal. */
function wholeNumber(text: string, bits: 32 | 64): number | bigint | undefined {
  const match = /^([+-]?)(\d+|0x[0-9a-f]+)$/i.exec(text);
  if (match === null) return undefined;
  const value = match[1] === '-' ? -BigInt(match[2]!) : BigInt(match[2]!);
  const fits = BigInt.asIntN(bits, value) === value || BigInt.asUintN(bits, value) === value;
  if (!fits) return undefined;
  return bits === 32 ? Number(value) : value;
}

function decimal(text: string, type: string): number | undefined {
  if ((type !== 'f32' && type !== 'f64') || text.trim() === '') return undefined;
  const number = Number(text);
  return Number.isNaN(number) ? undefined : number;
}

/** The functions of an entry with their types and arguments, checked at load. */
export class EntryCalls implements Entry {
  readonly before: readonly string[];
  readonly main: string | undefined;
  readonly #module: Module;
  readonly #arguments = new Map<string, readonly Argument[]>();

  constructor(
    module: Module,
    options: { readonly invoke?: string | undefined; readonly args?: readonly string[] | undefined },
  ) {
    this.#module = module;
    const { invoke, args = [] } = options;
    const { before, main } = findEntry(module, invoke);
    this.before = before;
    this.main = main;
    for (const name of main === undefined ? before : [...before, main]) {
      const given = name === main && invoke !== undefined ? args : undefined;
      this.#arguments.set(name, invocationArguments(name, this.typeOf(name), given));
    }
  }

  get types(): readonly FunctionType[] {
    return [...this.#arguments.keys()].map((name) => this.typeOf(name));
  }

  argumentsOf(name: string): readonly Argument[] | undefined {
    return this.#arguments.get(name);
  }

  typeOf(name: string): FunctionType {
    const { index } = this.#module.exports.find((each) => each.kind === 'func' && each.name === name)!;
    return this.#module.functionType(index);
  }
}
