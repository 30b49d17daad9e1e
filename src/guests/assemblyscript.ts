/**
 * AssemblyScript modules, through `@assemblyscript/loader`: it instantiates the module and reads strings and arrays out
 * of its memory, while all that the module imports is the machine's own and repeatable. The loader gets copies, for it
 * writes into the imports it is given; its wrapped exports are not Wasm functions, so calls go to the instance's.
 */
import { type ASUtil, instantiateSync } from '@assemblyscript/loader';
import { consoleImports, environmentImports, type HostFunction } from './assemblyscript-console.ts';
import { isSafeForLoader } from './assemblyscript-modules.ts';
import type { GuestServices } from './services.ts';

/** The longest string that is read out, in bytes of UTF-16. */
export const MAX_STRING_BYTES = 1 << 20;
/** The longest array that is read out, in elements. */
export const MAX_ARRAY_LENGTH = 1 << 20;

export interface AssemblyScriptGuest {
  /** To be merged into the module's imports. */
  readonly imports: { readonly env: Readonly<Record<string, HostFunction | number>> };
  /**
   * Instantiates with the loader. `imports` must already hold this guest's `env`; it is not changed.
   *
   * @throws what `new WebAssembly.Instance` throws: a LinkError where an import is missing, and what the start function throws.
   */
  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance;
  /** The string at a pointer, or undefined if there is none (a null pointer, another object, out of range, too long). */
  readString(pointer: number): string | undefined;
  /**
   * The elements of an array, static array or typed array; BigInts where they have 64 bits, pointers where they are objects.
   * Undefined if there is none at the pointer. Needs a module compiled with `--exportRuntime`, which tells the types.
   */
  readArray(pointer: number): (number | bigint)[] | undefined;
}

/**
 * Makes the imports of one run of an AssemblyScript module, and reads its objects.
 *
 * @example
 * const guest = createAssemblyScriptGuest(services);
 * const instance = guest.instantiate(module, { ...guest.imports });
 * guest.readString(instance.exports.name()); // 'pump'
 */
export function createAssemblyScriptGuest(services: GuestServices): AssemblyScriptGuest {
  let reader: ASUtil | undefined;
  const readString = (pointer: number) =>
    attempt(() => {
      if (reader === undefined || pointer === 0 || sizeAt(services, pointer) > MAX_STRING_BYTES) return undefined;
      return reader.__getString(pointer >>> 0);
    });
  const text = (pointer: number) => (pointer === 0 ? '' : (readString(pointer) ?? '<unreadable>'));
  const env: Record<string, HostFunction | number> = {
    abort(message = 0, file = 0, line = 0, column = 0) {
      const what = message === 0 ? '' : `: ${text(message)}`;
      return services.fail(`abort${what} at ${text(file) || 'unknown'}:${line >>> 0}:${column >>> 0}`);
    },
    ...consoleImports(services, text),
    ...environmentImports(services),
  };
  return {
    imports: { env },
    instantiate(module, imports) {
      if (!isSafeForLoader(WebAssembly.Module.exports(module))) return new WebAssembly.Instance(module, imports);
      // `Math` and `Date` as whole modules are the loader's offer to very old compilers: JavaScript's own, not repeatable.
      const copy = { Math: {}, Date: {}, ...imports, env: { ...imports.env } };
      const { instance, exports } = instantiateSync<Record<string, unknown>>(module, copy);
      reader = exports;
      return instance;
    },
    readString,
    readArray: (pointer) =>
      attempt(() => {
        const view = pointer === 0 ? undefined : reader?.__getArrayView(pointer >>> 0);
        // The loader gives a typed array, which its declaration calls an ArrayBufferView.
        const elements = view as unknown as ArrayLike<number | bigint> | undefined;
        if (elements === undefined || elements.length > MAX_ARRAY_LENGTH) return undefined;
        return Array.from(elements);
      }),
  };
}

/** The size that an object's header gives, in bytes. */
function sizeAt(services: GuestServices, pointer: number): number {
  const memory = services.memory();
  return memory === undefined ? 0 : new DataView(memory.buffer).getUint32((pointer >>> 0) - 4, true);
}

/** The loader throws where a pointer does not point at what was asked for. */
function attempt<T>(read: () => T | undefined): T | undefined {
  try {
    return read() ?? undefined;
  } catch {
    return undefined;
  }
}
