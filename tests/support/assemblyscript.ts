/** Compiles AssemblyScript, so that a test carries its firmware inside itself. The source stands in the repository's root. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { root } from './root.ts';

const ENTRY = 'firmware.ts';
const OUTPUT = 'firmware.wasm';

/** `flags` are asc's, after `-O2 --debug --runtime minimal`. */
export async function assemblyScript(source: string, flags: readonly string[] = []): Promise<Uint8Array<ArrayBuffer>> {
  return (await assemblyScriptWithMap(source, flags)).wasm;
}

/** Also the source map that `--sourceMap` makes, which the module names `./firmware.wasm.map`. */
export async function assemblyScriptWithMap(
  source: string,
  flags: readonly string[],
): Promise<{ wasm: Uint8Array<ArrayBuffer>; map: string | undefined }> {
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  let map: string | undefined;
  const { error, stderr } = await asc.main(
    [ENTRY, '-O2', '--debug', '--runtime', 'minimal', ...flags, '--outFile', OUTPUT],
    {
      stdout: asc.createMemoryStream(),
      stderr: asc.createMemoryStream(),
      readFile: (name) => {
        if (name === ENTRY) return source;
        return existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : null;
      },
      writeFile: (name, contents) => {
        if (name === OUTPUT && typeof contents !== 'string') wasm = new Uint8Array(contents);
        if (name === `${OUTPUT}.map` && typeof contents === 'string') map = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || wasm === undefined) throw new Error(`${stderr}`);
  return { wasm, map };
}
