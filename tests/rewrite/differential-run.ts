/**
 * Runs a module as it is and as instrument() rewrites it, undisturbed and with an empty handler at random safepoints, and says
 * where they differ: results, traps, calls of imports, memories, globals; and whether the count of work depends on interrupts.
 * Each run has a limit of host calls (differential-host.ts) and of interrupts; the modules limit their own loops.
 */
import { WirqError } from '../../src/errors.ts';
import {
  type Granularity,
  type Instrumented,
  type InstrumentOptions,
  instrument,
} from '../../src/rewrite/instrument.ts';
import { type Module, parseModule } from '../../src/wasm/module.ts';
import { type Callable, Run } from './differential-host.ts';
import { handlerName, Random } from './differential-modules.ts';
import { isValid } from './differential-mutations.ts';
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

/** After so many the rest of a run goes undisturbed: a few modules would take minutes otherwise. */
const maxInterrupts = 20_000;

/** A budget from which charges and refunds stay far from wrapping. */
const practicallyEndless = 2 ** 30;

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
  /** Functions whose entries were reported, each with the number of events before. */
  readonly entries: string[] = [];
  interrupts = 0;
  readonly #random: Random;
  /** Whether anything is counted. If not, the budget is below zero while there are to be interrupts, so at every safepoint. */
  readonly #counts: boolean;
  /** Budgets are 0 … this − 1; 0 for no interrupts. */
  readonly #maxBudget: number;
  readonly #hooks: Instrumented['hookNames'];
  #granted = 0;
  #nesting = 0;
  #counting = true;

  constructor(instrumented: Instrumented, options: { seed: number; counts: boolean; maxBudget: number }) {
    super(instrumented.module, options.seed);
    this.#hooks = instrumented.hookNames;
    this.#maxBudget = options.maxBudget;
    this.#counts = options.counts;
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
    const probe = (index: number): void => {
      this.entries.push(`function ${index} entered at event ${this.events.length}`);
    };
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
    if (calm) return practicallyEndless;
    return this.#counts ? this.#random.below(this.#maxBudget) : -1;
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
    if (this.#counting && this.#counts)
      this.counts.push({ event: this.events.length, work: this.#granted - this.#getBudget() });
  }
}

function firstDifference(original: readonly string[], rewritten: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(original.length, rewritten.length); i++) {
    if (original[i] !== rewritten[i]) return `event ${i} is "${rewritten[i]}" instead of "${original[i]}"`;
  }
  return undefined;
}

/** How to rewrite at a granularity, and what to call it. */
function waysOf(
  granularity: Granularity,
): readonly (Pick<InstrumentOptions, 'unroll' | 'counting'> & { name: string })[] {
  if (granularity !== 'loop') return [{ name: granularity }];
  return [
    { name: 'loop' },
    { name: 'loop, not unrolled', unroll: false },
    { name: 'loop, not counted', counting: 'none' },
  ];
}

/** Runs a module in every way and compares. */
export function compare(
  bytes: Uint8Array<ArrayBuffer>,
  seed: number,
  options: { granularities: readonly Granularity[]; rewrite?: typeof instrument },
): Comparison {
  const rewrite = options.rewrite ?? instrument;
  if (!isValid(bytes)) return { outcome: 'invalid', differences: [], interrupts: 0, events: [] };
  const differences: string[] = [];
  let interrupts = 0;
  let events: readonly string[] | undefined;
  const random = new Random(seed);
  const taken = new Map<string, readonly Count[]>();
  let entries: readonly string[] | undefined;
  for (const granularity of options.granularities) {
    for (const { name: way, ...chosen } of waysOf(granularity)) {
      const masked = random.below(3);
      const probes = probedFunctions(bytes, seed);
      let instrumented: Instrumented;
      try {
        instrumented = rewrite(bytes, {
          granularity,
          ...chosen,
          probes,
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
      const counts = chosen.counting !== 'none';
      const quiet = new InstrumentedRun(instrumented, { seed, counts, maxBudget: 0 });
      quiet.start(compiled);
      report(differences, `${way}, undisturbed`, firstDifference(events, quiet.events));
      const maxBudget = [1, 5, 30, 200][random.below(4)]!;
      const stormy = new InstrumentedRun(instrumented, { seed, counts, maxBudget });
      stormy.start(compiled);
      report(differences, `${way}, budgets below ${maxBudget}`, firstDifference(events, stormy.events));
      const undisturbed = quiet.counts.map(showCount);
      report(differences, `${way}, count under interrupts`, firstDifference(undisturbed, stormy.counts.map(showCount)));
      if (counts) taken.set(way, quiet.counts);
      entries ??= quiet.entries;
      report(differences, `${way}, entries`, firstDifference(entries, quiet.entries));
      report(differences, `${way}, entries under interrupts`, firstDifference(entries, stormy.entries));
      interrupts += stormy.interrupts;
    }
  }
  compareCounts(differences, taken);
  return { outcome: differences.length > 0 ? 'different' : 'same', differences, interrupts, events: events ?? [] };
}

/** Some functions of the module's own, in every third module; never the handler. */
function probedFunctions(bytes: Uint8Array<ArrayBuffer>, seed: number): readonly number[] {
  if (seed % 3 !== 0) return [];
  const { functions, importedFunctions, exports } = parseModule(bytes);
  const handler = exports.find(({ name }) => name === handlerName)?.index;
  const own = [...functions.keys()].filter((index) => index >= importedFunctions && index !== handler);
  return own.filter((index) => (index + seed) % 4 !== 0);
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
