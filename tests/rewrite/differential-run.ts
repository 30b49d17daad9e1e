/**
 * Runs a module as it is and as instrument() rewrites it, undisturbed and with an empty handler at random safepoints, and says
 * where they differ: results, traps, calls of imports, memories, globals; and whether the count of work depends on interrupts.
 * The host's side is what Binaryen's fuzzer imports. Each run has a limit of host calls; the modules limit their own loops.
 */
import { createHash } from 'node:crypto';
import { WirqError } from '../../src/errors.ts';
import { type Granularity, type Instrumented, instrument } from '../../src/rewrite/instrument.ts';
import type { Module } from '../../src/wasm/module.ts';
import { handlerName, Random } from './differential-modules.ts';
import { trampoline } from './harness.ts';

export interface Comparison {
  /** `invalid`: the engine does not take the original. */
  readonly outcome: 'same' | 'different' | 'invalid';
  /** What differs, one sentence for each kind of run. */
  readonly differences: readonly string[];
  /** Safepoints that called out, over all runs. */
  readonly interrupts: number;
  /** What the unmodified module did, a line for each event. */
  readonly events: readonly string[];
}

/** The granularities that exist. */
export function granularities(): readonly Granularity[] {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  return (['loop', 'block', 'access', 'instruction'] as const).filter((granularity) => {
    try {
      instrument(empty, { granularity });
      return true;
    } catch (error) {
      if (error instanceof WirqError && error.code === 'unsupported') return false;
      throw error;
    }
  });
}

/** Bounds runs in which the host calls the guest, which calls the host, which … */
const maxHostCalls = 400;
const maxHostDepth = 12;

/** After so many the rest of a run goes undisturbed: a few modules would take minutes otherwise. */
const maxInterrupts = 20_000;

/** Stops a run that calls the host too often. */
class HostLimit extends Error {}

type Callable = (...args: unknown[]) => unknown;

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
class Run {
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

/** The module as it is. `undefined`: it cannot be instantiated, nor should it when rewritten. */
function runOriginal(bytes: Uint8Array<ArrayBuffer>, module: Module, seed: number): Run {
  const run = new Run(module, seed);
  let instance: WebAssembly.Instance | undefined;
  const started = run.attempt('instantiation', () => {
    instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), run.imports());
  });
  if (started) run.exercise(instance!.exports);
  return run;
}

/** Work done so far, when so many events had happened. */
interface Count {
  readonly event: number;
  readonly work: number;
}

/** The rewritten module under a host that interrupts it whenever its random budgets are used up. */
class InstrumentedRun extends Run {
  /** Work done, at each call of an import and after each call of an export; nothing once a trap has lost what was uncounted. */
  readonly counts: Count[] = [];
  interrupts = 0;
  readonly #random: Random;
  /** Budgets are 0 … this − 1; 0 for no interrupts. */
  readonly #maxBudget: number;
  readonly #hooks: Instrumented['hookNames'];
  #granted = 0;
  #nesting = 0;
  #counting = true;

  constructor(instrumented: Instrumented, options: { seed: number; maxBudget: number }) {
    super(instrumented.module, options.seed);
    this.#hooks = instrumented.hookNames;
    this.#maxBudget = options.maxBudget;
    this.#random = new Random(options.seed + options.maxBudget);
  }

  start(compiled: WebAssembly.Module): void {
    let instance: WebAssembly.Instance | undefined;
    const names = this.#hooks;
    const started = this.attempt('instantiation', () => {
      instance = new WebAssembly.Instance(compiled, this.imports());
      this.#connect(instance.exports);
      if (names.start !== undefined) (instance.exports[names.start] as Callable)();
    });
    if (started) this.exercise(instance!.exports);
  }

  #getBudget: () => number = () => 0;
  #setBudget: (budget: number) => void = () => {};

  #connect(exports: WebAssembly.Exports): void {
    const names = this.#hooks;
    this.#getBudget = exports[names.getBudget] as () => number;
    this.#setBudget = exports[names.setBudget] as (budget: number) => void;
    const handler = exports[handlerName] as () => void;
    const safepoint = (budget: number): number => this.#atSafepoint(budget, handler);
    const probe = (): void => {};
    const host = new WebAssembly.Instance(trampoline, { h: { s: safepoint, p: probe } }).exports;
    const table = exports[names.hooks] as WebAssembly.Table;
    table.set(0, host.s as never);
    table.set(1, host.p as never);
    this.#refill();
    this.atBoundary = (afterTrap) => this.#count(afterTrap);
  }

  #refill(): void {
    this.#granted = this.#nextBudget();
    this.#setBudget(this.#granted);
  }

  #nextBudget(): number {
    const calm = this.#maxBudget === 0 || this.interrupts > maxInterrupts;
    return calm ? 0x7fff_ffff : this.#random.below(this.#maxBudget);
  }

  #atSafepoint(budget: number, handler: () => void): number {
    this.interrupts++;
    if (budget >= 0) this.events.push(`a safepoint called out with a budget of ${budget}`);
    if (this.#getBudget() !== budget)
      this.events.push(`at a safepoint the budget is ${this.#getBudget()}, not ${budget}`);
    const done = this.#granted - budget;
    if (this.#nesting < 2) {
      this.#nesting++;
      this.#refill();
      handler();
      this.#nesting--;
    }
    const next = this.#nextBudget();
    this.#granted = done + next;
    return next;
  }

  #count(afterTrap: boolean): void {
    if (afterTrap) this.#counting = false;
    if (this.#counting) this.counts.push({ event: this.events.length, work: this.#granted - this.#getBudget() });
  }
}

function firstDifference(original: readonly string[], rewritten: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(original.length, rewritten.length); i++) {
    if (original[i] !== rewritten[i]) return `event ${i} is "${rewritten[i]}" instead of "${original[i]}"`;
  }
  return undefined;
}

/** Runs a module in every way and compares. */
export function compare(
  bytes: Uint8Array<ArrayBuffer>,
  seed: number,
  options: { granularities: readonly Granularity[]; rewrite?: typeof instrument },
): Comparison {
  const rewrite = options.rewrite ?? instrument;
  if (!WebAssembly.validate(bytes)) return { outcome: 'invalid', differences: [], interrupts: 0, events: [] };
  const differences: string[] = [];
  let interrupts = 0;
  let events: readonly string[] | undefined;
  const random = new Random(seed);
  const counts = new Map<string, readonly Count[]>();
  for (const granularity of options.granularities) {
    for (const unroll of granularity === 'loop' ? [true, false] : [true]) {
      const way = `${granularity}${unroll ? '' : ', not unrolled'}`;
      const masked = random.below(3);
      let instrumented: Instrumented;
      try {
        instrumented = rewrite(bytes, {
          granularity,
          unroll,
          maskFunction: (name) => masked === 0 && name.length % 2 === 0,
        });
      } catch (error) {
        differences.push(`${way}: refused: ${error instanceof WirqError ? error.report : (error as Error).stack}`);
        continue;
      }
      events ??= runOriginal(bytes, instrumented.module, seed).events;
      let compiled: WebAssembly.Module;
      try {
        compiled = new WebAssembly.Module(instrumented.bytes);
      } catch (error) {
        differences.push(`${way}: the engine takes the original, but not the rewritten module: ${error}`);
        continue;
      }
      const quiet = new InstrumentedRun(instrumented, { seed, maxBudget: 0 });
      quiet.start(compiled);
      report(differences, `${way}, undisturbed`, firstDifference(events, quiet.events));
      const maxBudget = [1, 5, 30, 200][random.below(4)]!;
      const stormy = new InstrumentedRun(instrumented, { seed, maxBudget });
      stormy.start(compiled);
      report(differences, `${way}, budgets below ${maxBudget}`, firstDifference(events, stormy.events));
      const undisturbed = quiet.counts.map(showCount);
      report(differences, `${way}, count under interrupts`, firstDifference(undisturbed, stormy.counts.map(showCount)));
      counts.set(way, quiet.counts);
      interrupts += stormy.interrupts;
    }
  }
  compareCounts(differences, counts);
  return { outcome: differences.length > 0 ? 'different' : 'same', differences, interrupts, events: events ?? [] };
}

const showCount = ({ event, work }: Count): string => `${work} instructions at event ${event}`;

/** Exact counts are the same however they are taken, and what is charged for loops is never less. */
function compareCounts(differences: string[], counts: ReadonlyMap<string, readonly Count[]>): void {
  const exact = counts.get('block') ?? counts.get('access') ?? counts.get('instruction');
  if (exact === undefined) return;
  for (const [way, taken] of counts) {
    if (way.startsWith('loop')) {
      const less = taken.findIndex(({ work }, i) => work < (exact[i]?.work ?? 0));
      if (less >= 0) differences.push(`${way}: ${showCount(taken[less]!)}, but ${exact[less]!.work} were executed`);
    } else {
      report(differences, `count at ${way}`, firstDifference(exact.map(showCount), taken.map(showCount)));
    }
  }
}

function report(differences: string[], way: string, difference: string | undefined): void {
  if (difference !== undefined) differences.push(`${way}: ${difference}`);
}
