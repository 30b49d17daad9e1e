/** Host functions from a file of the user's: an ES module whose default export are modules of functions. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WirqError } from '../errors.ts';

/**
 * Runs the file, with all the rights of this process: it is the user's own code, not the guest's.
 *
 * @returns its default export. @throws WirqError `bad-file`.
 */
export async function loadHostFunctions(file: string): Promise<object> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    throw new WirqError('bad-file', `cannot load host functions from ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const given = loaded.default;
  if ((typeof given === 'object' && given !== null) || typeof given === 'function') return given;
  throw new WirqError('bad-file', `${file} has no default export of host functions`, {
    advice: 'write for example: export default { env: { async fetch(n) { … } } }',
  });
}
