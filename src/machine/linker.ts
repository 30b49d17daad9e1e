/**
 * Provides what a module imports: functions from wirq's interfaces, WASI, AssemblyScript and the user, each checked
 * against the module's declared type; memories, tables and tags made to measure. What nobody provides is refused, all of it
 * in one message.
 *
 * Every function is wrapped: a host call is a safepoint, and nothing that JavaScript throws may reach the guest's
 * `catch_all`.
 */
import { WirqError } from '../errors.ts';
import {
  formatSignature,
  type HostCall,
  type HostFunction,
  type HostModule,
  splitSignature,
} from '../guests/interface.ts';
import type { Import, Limits, Module } from '../wasm/module.ts';
import { formatSignature as formatType } from '../wasm/types.ts';

/** What happens around each host call. */
export interface CallGuard {
  /** Before: machine time is brought up to date. */
  before(): void;
  /** After: what the call made deliverable is delivered. */
  after(): void;
  /** The call threw: never lets it pass through the guest as a catchable exception. */
  failed(error: unknown): never;
  /** What happens around calls that have nothing to do with time. */
  readonly timeless: CallGuard;
}

/** Whether a function goes without anything around it (`HostFunction.bare`). */
export function isBare(each: Import, providers: Providers): boolean {
  return lookUp(providers, each)?.bare === true;
}

export type Providers = ReadonlyMap<string, HostModule>;

/** The import object for the module. @throws WirqError `missing-import`. */
export function link(module: Module, providers: Providers, guard: CallGuard): WebAssembly.Imports {
  // Without prototypes: a module may call what it imports `__proto__`.
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
  const missing: string[] = [];
  for (const each of module.imports) {
    const value = provide(module, each, providers, guard);
    if (value === undefined) missing.push(describeMissing(module, each, providers));
    else {
      imports[each.module] ??= Object.create(null) as Record<string, WebAssembly.ImportValue>;
      imports[each.module]![each.name] = value;
    }
  }
  if (missing.length > 0) {
    const many = missing.length > 1;
    throw new WirqError('missing-import', `nobody provides ${missing.join('; ')}`, {
      advice: `the module cannot run without ${many ? 'these imports' : 'this import'}; wirq provides ${[...providers.keys()].join(', ')}, and memories, tables and tags of any name`,
    });
  }
  return imports;
}

/** Who provides an import, for `inspect`: the interface's name, `memory`, `table`, or undefined. */
export function providerOf(module: Module, each: Import, providers: Providers): string | undefined {
  switch (each.kind) {
    case 'memory':
      return 'a memory made to measure';
    case 'table':
      return module.tables[each.index]?.element === 'funcref' ? 'a table made to measure' : undefined;
    case 'tag':
      return 'a tag made to measure';
    case 'func': {
      const provided = lookUp(providers, each);
      if (provided === undefined || mismatch(module, each, provided) !== undefined) return undefined;
      return each.module;
    }
    default:
      return undefined;
  }
}

function provide(
  module: Module,
  each: Import,
  providers: Providers,
  guard: CallGuard,
): WebAssembly.ImportValue | undefined {
  switch (each.kind) {
    case 'func': {
      const provided = lookUp(providers, each);
      if (provided === undefined || mismatch(module, each, provided) !== undefined) return undefined;
      const { call, timeless = false, bare = false } = provided;
      if (bare) return call;
      return guarded(call, module.functionType(each.index).params.length, timeless ? guard.timeless : guard);
    }
    case 'memory':
      return madeToMeasure(each, () => new WebAssembly.Memory(descriptor(module.memories[each.index]!.limits)));
    case 'table': {
      const table = module.tables[each.index]!;
      if (table.element !== 'funcref') return undefined;
      return madeToMeasure(each, () => new WebAssembly.Table({ element: 'anyfunc', ...descriptor(table.limits) }));
    }
    case 'tag':
      return madeToMeasure(each, () => madeTag(module, each));
    default:
      return undefined;
  }
}

/** TypeScript's library does not know that a tag can be imported. */
function madeTag(module: Module, { index }: Import): WebAssembly.ImportValue {
  const { params = [] } = module.types[module.tags[index]!.typeIndex]?.signature ?? {};
  const parameters = params.map((type) => (type === 'funcref' ? 'anyfunc' : type)) as WebAssembly.ValueType[];
  return new WebAssembly.Tag({ parameters }) as unknown as WebAssembly.ImportValue;
}

/** The engine's limits are lower than the format's. */
function madeToMeasure<T>(each: Import, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw new WirqError(
      'limit',
      `the engine cannot make the ${each.kind} ${each.module}.${each.name}: ${error.message}`,
      {
        advice: 'the module asks for more than this engine has',
        cause: error,
      },
    );
  }
}

function lookUp(providers: Providers, each: Import): HostFunction | undefined {
  const provider = providers.get(each.module);
  return provider !== undefined && Object.hasOwn(provider, each.name) ? provider[each.name] : undefined;
}

/** What is wrong with the module's idea of the function's type; undefined when nothing is. */
function mismatch(module: Module, each: Import, provided: HostFunction): string | undefined {
  if (provided.signature === undefined) return undefined;
  const [params, results] = splitSignature(provided.signature);
  const type = module.functionType(each.index);
  const same = params.join() === type.params.join() && results.join() === type.results.join();
  return same ? undefined : `it has the type ${formatSignature(provided.signature)}, not ${formatType(type)}`;
}

function describeMissing(module: Module, each: Import, providers: Providers): string {
  const what = `${each.module}.${each.name} (${each.kind}`;
  if (each.kind !== 'func') return `${what})`;
  const provided = lookUp(providers, each);
  const why = provided === undefined ? '' : mismatch(module, each, provided);
  return `${what} ${formatType(module.functionType(each.index))}${why === '' ? '' : `: ${why}`})`;
}

/** As the JS API takes it: 64-bit memories and tables have limits of type BigInt (memory64, "JS API"). */
function descriptor({ minimum, maximum, shared, wide }: Limits): WebAssembly.MemoryDescriptor {
  const size = (value: bigint) => (wide ? value : Number(value)) as number;
  return {
    initial: size(minimum),
    ...(maximum === undefined ? {} : { maximum: size(maximum) }),
    ...(shared ? { shared: true } : {}),
    ...(wide ? { address: 'i64' } : {}),
  };
}

/** One closure for each usual number of parameters: rest arguments would allocate an array on every call. */
export function guarded(call: HostCall, parameters: number, guard: CallGuard): HostCall {
  const around = (run: () => unknown): unknown => {
    try {
      guard.before();
      const result = run();
      guard.after();
      return result;
    } catch (error) {
      return guard.failed(error);
    }
  };
  switch (parameters) {
    case 0:
      return () => {
        try {
          guard.before();
          const result = call();
          guard.after();
          return result;
        } catch (error) {
          return guard.failed(error);
        }
      };
    case 1:
      return (a: unknown) => {
        try {
          guard.before();
          const result = call(a);
          guard.after();
          return result;
        } catch (error) {
          return guard.failed(error);
        }
      };
    case 2:
      return (a: unknown, b: unknown) => {
        try {
          guard.before();
          const result = call(a, b);
          guard.after();
          return result;
        } catch (error) {
          return guard.failed(error);
        }
      };
    case 3:
      return (a: unknown, b: unknown, c: unknown) => {
        try {
          guard.before();
          const result = call(a, b, c);
          guard.after();
          return result;
        } catch (error) {
          return guard.failed(error);
        }
      };
    default:
      return (...args: unknown[]) => around(() => call(...args));
  }
}

/** Whether a module imports anything from another, or this one thing. */
export function importsFrom(module: Module, from: string, name?: string): boolean {
  return module.imports.some((each) => each.module === from && (name === undefined || each.name === name));
}
