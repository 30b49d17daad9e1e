/**
 * Which functions no handler may interrupt: by patterns of names, by a predicate, and by default AssemblyScript's runtime. A
 * pattern is a name, in which each `*` stands for any characters. Only functions of the module's own count.
 */
import { WirqError } from '../errors.ts';
import { isRuntimeFunction } from '../guests/assemblyscript-modules.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineOptions } from './options.ts';

/** As a pattern: not the default either. */
const NO_DEFAULT = 'none';

export class FunctionMask {
  readonly #patterns: readonly string[];
  readonly #predicate: ((name: string) => boolean) | undefined;

  /** @throws WirqError `bad-argument` for an empty pattern. */
  constructor({ maskFunction, maskFunctions = [] }: Pick<MachineOptions, 'maskFunction' | 'maskFunctions'>) {
    if (maskFunctions.includes('')) {
      throw new WirqError('bad-argument', 'the pattern of functions to mask is empty', {
        advice: `write a function's name, with * for any characters, or ${NO_DEFAULT}`,
      });
    }
    this.#patterns = maskFunctions.filter((each) => each !== NO_DEFAULT);
    this.#predicate = maskFunction ?? (maskFunctions.includes(NO_DEFAULT) ? undefined : isRuntimeFunction);
  }

  /** A function, so that it can be given to `instrument`. */
  readonly masks = (name: string): boolean =>
    this.#predicate?.(name) === true || this.#patterns.some((pattern) => matches(pattern, name));

  /** A sentence for each pattern that means nothing in this module. */
  warnings(module: Module): readonly string[] {
    if (this.#patterns.length === 0) return [];
    const names = module.bodies.map((_, at) => module.functionName(module.importedFunctions + at));
    return this.#patterns
      .filter((pattern) => !names.some((name) => matches(pattern, name)))
      .map((pattern) => `no function of the module is called ${pattern}: nothing is masked by it`);
  }
}

/** From the left, each part at its first place: no name or pattern takes long, as it might with a regular expression. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
