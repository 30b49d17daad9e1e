/**
 * Takes the place of the engine's compiler in this process: every module is rewritten before it is compiled, and every instance is
 * interrupted again and again by a handler without effect. Programs that use WebAssembly do not notice, which is the point.
 */
import { type Granularity, type HookNames, type InstrumentOptions, instrument } from '../../src/rewrite/instrument.ts';
import { handlerName, Random, withHandler } from './differential-modules.ts';
import { trampoline } from './harness.ts';

export interface Interrupter {
  modules: number;
  interrupts: number;
}

type Source = Uint8Array<ArrayBuffer> | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

function bytesOf(source: Source): Uint8Array<ArrayBuffer> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

/** Budgets between interrupts are below `maxBudget`, at random; where nothing is counted, below zero: at every look. */
export function interruptEverything(
  options: { maxBudget: number; granularity: Granularity } & Pick<InstrumentOptions, 'counting'>,
): Interrupter {
  const counts: Interrupter = { modules: 0, interrupts: 0 };
  const names = new WeakMap<WebAssembly.Module, HookNames>();
  const random = new Random(options.maxBudget);
  const nextBudget = (): number => (options.counting === 'none' ? -1 : random.below(options.maxBudget));
  const { Module, Instance } = WebAssembly;

  function compile(source: Source): WebAssembly.Module {
    const original = bytesOf(source);
    // What the engine refuses, it shall refuse in its own words.
    if (!WebAssembly.validate(original)) return new Module(original);
    const { bytes, hookNames } = instrument(withHandler(original), options);
    const module = new Module(bytes);
    names.set(module, hookNames);
    counts.modules++;
    return module;
  }

  function connect(exports: WebAssembly.Exports, hooks: HookNames): void {
    const setBudget = exports[hooks.setBudget] as (budget: number) => void;
    const handler = exports[handlerName] as () => void;
    let inHandler = false;
    const safepoint = (): number => {
      counts.interrupts++;
      if (!inHandler) {
        inHandler = true;
        setBudget(nextBudget());
        handler();
        inHandler = false;
      }
      return nextBudget();
    };
    const host = new Instance(trampoline, { h: { s: safepoint, p: () => {} } }).exports;
    const table = exports[hooks.hooks] as WebAssembly.Table;
    table.set(0, host.s as never);
    table.set(1, host.p as never);
    setBudget(Math.min(0, nextBudget()));
    if (hooks.start !== undefined) (exports[hooks.start] as () => void)();
  }

  function instantiate(module: WebAssembly.Module, imports?: WebAssembly.Imports): WebAssembly.Instance {
    const instance = new Instance(module, imports);
    const hooks = names.get(module);
    if (hooks !== undefined) connect(instance.exports, hooks);
    return instance;
  }

  WebAssembly.Module = new Proxy(Module, { construct: (_, [source]) => compile(source) });
  WebAssembly.Instance = new Proxy(Instance, { construct: (_, [module, imports]) => instantiate(module, imports) });
  WebAssembly.compile = (source) => Promise.resolve().then(() => compile(source as Source));
  WebAssembly.instantiate = ((source: Source | WebAssembly.Module, imports?: WebAssembly.Imports) =>
    Promise.resolve().then(() => {
      if (source instanceof Module) return instantiate(source, imports);
      const module = compile(source);
      return { module, instance: instantiate(module, imports) };
    })) as typeof WebAssembly.instantiate;
  return counts;
}
