/**
 * The host that Binaryen's fuzzer imports, and what a module does with it as a list of sentences: calls of imports, results, traps,
 * and in the end memories and globals. The same arguments for the same seed. Leaves interrupting to differential-run.ts.
 */
import { createHash } from 'node:crypto';
import type { Module } from '../../src/wasm/module.ts';
import { handlerName, Random } from './differential-modules.ts';

/** Bounds runs in which the host calls the guest, which calls the host, which … */
const maxHostCalls = 400;
const maxHostDepth = 12;

/** Stops a run that calls the host too often. */
class HostLimit extends Error {}

export type Callable = (...args: unknown[]) => unknown;

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return typeof value === 'object' && value !== null ? 'object' : String(value);
}

function showError(error: unknown): string {
  if (error instanceof WebAssembly.Exception) return 'throws an exception';
  if (!(error instanceof Error)) return `throws ${show(error)}`;
  // Functions that were appended change no name, but places in the text would differ.
  return `${error.name}: ${error.message.replace(/@\+\d+|0x[0-9a-f]+/g, '')}`;
}

function hash(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** One instance with its host, and what happens to it. */
export class Run {
  readonly events: string[] = [];
  readonly #module: Module;
  readonly #seed: number;
  readonly #names: readonly string[];
  /** Called at each call of an import and after each call of an export. */
  protected atBoundary: (afterTrap: boolean) => void = () => {};
  #exports: WebAssembly.Exports = {};
  #hostCalls = 0;
  #depth = 0;

  constructor(module: Module, seed: number) {
    this.#module = module;
    this.#seed = seed;
    this.#names = module.exports.map(({ name }) => name);
  }

  protected get exports(): WebAssembly.Exports {
    return this.#exports;
  }

  imports(): WebAssembly.Imports {
    const imports: WebAssembly.Imports = {};
    for (const { module, name, kind, index } of this.#module.imports) {
      imports[module] ??= {};
      const group = imports[module];
      if (kind === 'func') group[name] = (...args: unknown[]) => this.#hostCall(name, args, index) as never;
      else if (kind === 'tag') group[name] = importedTag(name);
    }
    return imports;
  }

  #hostCall(name: string, args: readonly unknown[], index: number): unknown {
    this.atBoundary(false);
    this.events.push(`calls ${name} ${show(args)}`);
    if (++this.#hostCalls > maxHostCalls || this.#depth >= maxHostDepth) throw new HostLimit('too many host calls');
    this.#depth++;
    try {
      return this.#answer(name, args, index);
    } finally {
      this.#depth--;
    }
  }

  #answer(name: string, args: readonly unknown[], index: number): unknown {
    switch (name) {
      case 'throw':
        throw new Error(`thrown by the host: ${show(args[0])}`);
      case 'call-export':
        this.#callFromHost(this.#exports[this.#names[Number(args[0])] ?? '']);
        return undefined;
      case 'call-export-catch':
        return this.#catching(() => this.#callFromHost(this.#exports[this.#names[Number(args[0])] ?? '']));
      case 'call-ref':
        this.#callFromHost(args[0]);
        return undefined;
      case 'call-ref-catch':
        return this.#catching(() => this.#callFromHost(args[0]));
      case 'table-get':
        return this.#table().get(Number(args[0]) >>> 0);
      case 'table-set':
        this.#table().set(Number(args[0]) >>> 0, args[1] as never);
        return undefined;
      case 'sleep':
        return args[1];
      default:
        return this.#module.functionType(index).results.length === 0 ? undefined : 0;
    }
  }

  #table(): WebAssembly.Table {
    const table = this.#exports.table;
    if (!(table instanceof WebAssembly.Table)) throw new TypeError('no table is exported');
    return table;
  }

  #callFromHost(target: unknown): void {
    if (typeof target !== 'function') throw new TypeError('not a function');
    this.events.push(`host calls ${target.name}`);
    const args = this.#arguments(Number(target.name));
    this.events.push(`… gives ${show((target as Callable)(...args))}`);
  }

  #catching(call: () => void): number {
    try {
      call();
      return 0;
    } catch (error) {
      this.events.push(`… ${showError(error)}`);
      this.atBoundary(true);
      return 1;
    }
  }

  /** The same arguments for the same function in each run. */
  #arguments(index: number): unknown[] {
    const random = new Random(this.#seed + 7919 * index);
    const interesting = [0, 1, -1, 2, 7, 255, 65536, 2147483647, -2147483648];
    return this.#module.functionType(index).params.map((type) => {
      const number = random.oneIn(3) ? random.u32() | 0 : interesting[random.below(interesting.length)]!;
      if (type === 'i32') return number;
      if (type === 'i64') return BigInt(number) * (random.oneIn(2) ? 1n : 4294967311n);
      if (type === 'f32' || type === 'f64') return random.oneIn(2) ? number : number / 3;
      return null;
    });
  }

  /** Calls every exported function, in order, and looks at what is left. */
  exercise(exports: WebAssembly.Exports): void {
    this.#exports = exports;
    for (let round = 0; round < 2; round++) {
      for (const { name, kind, index } of this.#module.exports) {
        if (kind !== 'func' || name === handlerName) continue;
        if (this.#module.functionType(index).results.some((type) => isContinuation(this.#module, type))) continue;
        this.#hostCalls = 0;
        this.#depth = 0;
        this.attempt(name, () => (exports[name] as Callable)(...this.#arguments(index)));
      }
    }
    for (const { name, kind, index } of this.#module.exports) {
      if (kind === 'global' && isContinuation(this.#module, this.#module.globals[index]!.type)) continue;
      this.#look(name, exports[name]);
    }
  }

  attempt(name: string, call: () => unknown): boolean {
    try {
      this.events.push(`${name} gives ${show(call())}`);
      this.atBoundary(false);
      return true;
    } catch (error) {
      this.events.push(`${name}: ${showError(error)}`);
      this.atBoundary(true);
      return false;
    }
  }

  #look(name: string, exported: unknown): void {
    if (exported instanceof WebAssembly.Memory) {
      const bytes = new Uint8Array(exported.buffer);
      this.events.push(`${name} has ${bytes.length} bytes, ${hash(bytes)}`);
    } else if (exported instanceof WebAssembly.Global) {
      this.events.push(`${name} is ${attemptToShow(exported)}`);
    } else if (exported instanceof WebAssembly.Table) {
      this.events.push(`${name} has ${exported.length} elements`);
    }
  }
}

/** V8 crashes when it is to show one. */
function isContinuation({ types }: Module, type: string): boolean {
  const defined = /^\(.*?(\d+)\)$/.exec(type);
  return type.includes('cont') || (defined !== null && types[Number(defined[1])]?.kind === 'cont');
}

/** Vectors cannot be looked at from JavaScript. */
function attemptToShow(exported: WebAssembly.Global): string {
  try {
    return show(exported.value);
  } catch {
    return 'unreadable';
  }
}

function importedTag(name: string): WebAssembly.ImportValue {
  const known = (WebAssembly as unknown as { JSTag?: WebAssembly.Tag }).JSTag;
  const tag = name === 'jstag' && known !== undefined ? known : new WebAssembly.Tag({ parameters: ['i32'] });
  return tag as unknown as WebAssembly.ImportValue;
}
