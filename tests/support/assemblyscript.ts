/** Compiles AssemblyScript, so that a test carries its firmware inside itself. The source stands in the repository's root. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { root } from './root.ts';

const ENTRY = 'firmware.ts';
const OUTPUT = 'firmware.wasm';

/** `flags` are asc's, after `-O2 --debug --runtime minimal`. */
export async function assemblyScript(source: string, flags: readonly string[] = []): Promise<Uint8Array<ArrayBuffer>> {
  let output: Uint8Array<ArrayBuffer> | undefined;
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
        if (name === OUTPUT && typeof contents !== 'string') output = new Uint8Array(contents);
      },
      listFiles: () => [],
    },
  );
  if (error !== null || output === undefined) throw new Error(`${stderr}`);
  return output;
}
