/**
 * Host functions from a file of the user's: an ES module whose default export are modules of functions. What they throw, while they
 * are called or made, is the file's, and told so; an async function's rejection is the guest's to hear of, and passes.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WirqError } from '../errors.ts';
import {
  type GivenFunction,
  type GivenModules,
  type GuestOfHost,
  type HostFunction,
  isAsyncFunction,
} from '../guests/interface.ts';

type Given = GivenModules | ((guest: GuestOfHost) => GivenModules);

/**
 * Runs the file, with all the rights of this process: it is the user's own code, not the guest's.
 *
 * @returns its default export. @throws WirqError `bad-file`.
 */
export async function loadHostFunctions(file: string): Promise<Given> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    throw new WirqError('bad-file', `cannot load host functions from ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const given = loaded.default;
  if (typeof given === 'function') {
    const make = within(file, 'its default export', given as (...args: unknown[]) => GivenModules);
    return (guest) => inFile(file, make(guest));
  }
  if (typeof given === 'object' && given !== null) return inFile(file, given as GivenModules);
  throw new WirqError('bad-file', `${file} has no default export of host functions`, {
    advice: 'write for example: export default { env: { async fetch(n) { … } } }',
  });
}

function inFile(file: string, modules: GivenModules): GivenModules {
  if (typeof modules !== 'object' || modules === null || modules instanceof Promise) {
    throw new WirqError('bad-file', `${file}: its default export gives no modules of functions`, {
      advice: 'it gives them at once; what has to be waited for is awaited outside of it, in the module itself',
    });
  }
  const each = (name: string, functions: GivenModules[string]) =>
    typeof functions !== 'object' || functions === null
      ? functions
      : Object.fromEntries(
          Object.entries(functions).map(([key, value]) => [key, guarded(file, `${name}.${key}`, value)]),
        );
  return Object.fromEntries(Object.entries(modules).map(([name, functions]) => [name, each(name, functions)]));
}

/** What is no function at all passes: it is refused by name when the guest is loaded. */
function guarded(file: string, name: string, given: GivenFunction): GivenFunction {
  if (typeof given === 'function') {
    return isAsyncFunction(given) ? { call: given, async: {} } : { call: within(file, name, given) };
  }
  if (typeof given !== 'object' || given === null || typeof given.call !== 'function') return given;
  const call = within(file, name, given.call);
  return { ...given, call, ...(given.async && { async: guardedAsync(file, name, given.async) }) };
}

function guardedAsync(file: string, name: string, given: NonNullable<HostFunction['async']>): HostFunction['async'] {
  const { rejected } = given;
  if (typeof rejected === 'function') return { ...given, rejected: within(file, `${name}: rejected`, rejected) };
  if (typeof rejected !== 'object' || typeof rejected?.payload !== 'function') return given;
  const payload = within(file, `${name}: payload`, rejected.payload);
  return { ...given, rejected: { ...rejected, payload } };
}

/** A trap unwinds the guest, an exception may be the guest's, and what is refused already says why. */
function passes(error: unknown): boolean {
  return (
    error instanceof WirqError || error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception
  );
}

function within<Args extends unknown[], Result>(file: string, name: string, call: (...args: Args) => Result) {
  return (...args: Args): Result => {
    try {
      return call(...args);
    } catch (error) {
      if (passes(error)) throw error;
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new WirqError('bad-file', `${file}: ${name} threw ${why}`, {
        advice: 'what the guest is to hear of is returned, or the rejection of an async function',
        cause: error,
      });
    }
  };
}
