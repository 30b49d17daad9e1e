/** Any WASI call on a real directory: arguments may be anything, the paths they name lie about in memory. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { createWasi, WASI_MODULE } from '../../src/guests/wasi.ts';
import { type Parameter, WASI_FUNCTIONS, type WasiName, type WasiValue } from '../../src/guests/wasi-signatures.ts';
import { openPreopen } from '../../src/host/directory.ts';
import { FakeServices, RunEnded } from '../support/services.ts';

const PATHS = ['file', 'folder', 'folder/new', 'link', '../secret', 'out/secret', 'folder/..', ''];

/** Small numbers are descriptors, lengths and pointers to paths (64 bytes apart) alike. */
const word = fc.oneof(
  fc.constantFrom(3),
  fc.integer({ min: 0, max: 8 }),
  fc.integer({ min: 0, max: PATHS.length }).map((index) => index * 64),
  fc.constantFrom(65536, 65532, -1, 1024, 2 ** 31 - 1, -(2 ** 31)),
);
const long = fc.constantFrom(0n, 1n, 2n, 64n, -1n, 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 0x1fffffffn);
// Filling the disk is not the purpose.
const names = (Object.keys(WASI_FUNCTIONS) as WasiName[]).filter(
  (name) => name !== 'fd_allocate' && name !== 'fd_filestat_set_size' && name !== 'fd_pwrite' && name !== 'fd_seek',
);
const goodPath = fc.nat(PATHS.length - 1).map((index) => [index * 64, PATHS[index]!.length]);

function valuesOf(parameter: Parameter): fc.Arbitrary<WasiValue[]> {
  if (parameter === 'u64' || parameter === 's64') return long.map((value) => [value]);
  if (parameter === 'u32' || typeof parameter === 'object') return word.map((value) => [value]);
  const pair = fc.tuple(word, word);
  return parameter === 'path' ? fc.oneof({ weight: 4, arbitrary: goodPath }, pair) : pair;
}

const anyCall = fc.constantFrom(...names).chain((name) => {
  const values = fc.tuple(...WASI_FUNCTIONS[name].map(valuesOf)).map((parts) => parts.flat());
  return fc.tuple(fc.constant(name), values);
});

test('no call on a real directory throws but what the machine throws, and none gets out', (t) => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'wirq-calls-')));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  writeFileSync(join(top, 'secret'), 'SECRET');
  const answers = new Set<number>();
  fc.assert(
    fc.property(fc.array(anyCall, { minLength: 5, maxLength: 30 }), (calls) => {
      const inside = join(top, 'inside');
      rmSync(inside, { recursive: true, force: true });
      mkdirSync(join(inside, 'folder'), { recursive: true });
      writeFileSync(join(inside, 'file'), 'content');
      symlinkSync('folder', join(inside, 'link'));
      symlinkSync('..', join(inside, 'out'));
      const memory = new WebAssembly.Memory({ initial: 1 });
      const services = new FakeServices({ memory });
      services.endInput();
      const guest = createWasi(services, { args: ['a'], env: [], preopens: [openPreopen(`${inside}::.`)] });
      for (const [index, path] of PATHS.entries()) {
        new Uint8Array(memory.buffer).set(new TextEncoder().encode(path), index * 64);
      }
      try {
        for (const [name, values] of calls) {
          try {
            answers.add(guest.imports[WASI_MODULE][name](...values));
          } catch (error) {
            if (!(error instanceof RunEnded)) throw error;
          }
        }
      } finally {
        guest.close();
      }
      if (readFileSync(join(top, 'secret'), 'utf8') !== 'SECRET') throw new Error('the secret changed');
    }),
    { numRuns: 600 },
  );
  // The calls were not all refused at the door.
  t.log(`errnos: ${[...answers].sort((a, b) => a - b).join(' ')}`);
  for (const errno of [0, 8, 20, 21, 44, 54, 76]) t.true(answers.has(errno), `errno ${errno} never came`);
});
