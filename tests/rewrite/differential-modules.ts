/**
 * Random valid modules from a seed: random bytes that Binaryen's `wasm-opt --translate-to-fuzz` turns into a module, and what a
 * test needs appended to it. wasm-opt runs in this process, a fresh instance each time, because starting Node costs ten times more.
 * Leaves out what V8 does not take: modules of which V8 rejects the whole are for the caller to skip.
 */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { type Module, parseModule, sectionIds, sectionOrder } from '../../src/wasm/module.ts';
import { Reader } from '../../src/wasm/reader.ts';
import { Writer } from '../../src/wasm/writer.ts';
import { root } from '../support/root.ts';

/** Mulberry32: small, and the same everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x5bd1_e995) >>> 0;
  }

  u32(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 … limit−1. */
  below(limit: number): number {
    return this.u32() % limit;
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.u32() >>> 24);
  }
}

interface EmscriptenModule {
  findWasmBinary?: () => Uint8Array<ArrayBuffer>;
  readonly arguments: readonly string[];
  readonly thisProgram: string;
  print(line: string): void;
  printErr(line: string): void;
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): object;
  readonly postRun: readonly (() => void)[];
}
type Program = (
  module: EmscriptenModule,
  require: (name: string) => unknown,
  commonJsModule: object,
  process: NodeJS.Process,
  filename: string,
  dirname: string,
) => void;

const wasmOptPath = join(root, 'node_modules/binaryen/bin/wasm-opt');
const require = createRequire(join(root, 'package.json'));
let program: Program | undefined;
let compiled: WebAssembly.Module | undefined;

/** Runs the command-line program; gives its exit code and what it printed. */
async function wasmOpt(args: readonly string[]): Promise<{ code: number; printed: string }> {
  if (program === undefined) {
    const source = fs.readFileSync(wasmOptPath, 'utf8').replace(/^#!.*/, '');
    const opening =
      '(function (Module, require, module, process, __filename, __dirname) { Module.findWasmBinary = () => findWasmBinary();';
    program = new Script(`${opening}${source}\n})`, { filename: wasmOptPath }).runInThisContext() as Program;
  }
  const run = program;
  let printed = '';
  const itsProcess = Object.create(process, { exitCode: { value: 0, writable: true }, argv: { value: [] } });
  await new Promise<void>((resolve, reject) => {
    const module: EmscriptenModule = {
      arguments: args,
      thisProgram: 'wasm-opt',
      print: (line) => {
        printed += `${line}\n`;
      },
      printErr: (line) => {
        printed += `${line}\n`;
      },
      instantiateWasm: (imports, done) => {
        try {
          compiled ??= new WebAssembly.Module(module.findWasmBinary!());
          done(new WebAssembly.Instance(compiled, imports));
        } catch (error) {
          reject(error);
        }
        return {};
      },
      postRun: [resolve],
    };
    const writeSync = (file: number, bytes: Uint8Array, ...rest: (number | null)[]): number => {
      if (file > 2) return fs.writeSync(file, bytes, rest[0], rest[1], rest[2]);
      printed += Buffer.from(bytes).toString('utf8', rest[0] ?? 0, (rest[0] ?? 0) + (rest[1] ?? bytes.length));
      return rest[1] ?? bytes.length;
    };
    const itsRequire = (name: string): unknown => (name === 'node:fs' ? { ...fs, writeSync } : require(name));
    run(module, itsRequire, {}, itsProcess, wasmOptPath, dirname(wasmOptPath));
  });
  return { code: itsProcess.exitCode, printed };
}

/** What every engine of today has; the rest one by one, so that each kind of module occurs. */
const common =
  'mutable-globals sign-ext nontrapping-float-to-int bulk-memory bulk-memory-opt reference-types multivalue';
const optional = 'simd tail-call exception-handling gc threads extended-const relaxed-simd multimemory memory64'.split(
  ' ',
);

/** Functions and so on that are appended to a random module, so that a test sees its state and can interrupt it. */
export const handlerName = 'test:handler';
export const statePrefix = 'test:state';

export interface RandomModule {
  readonly seed: number;
  readonly features: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The module of a seed. Not-a-numbers are made 0 on the way, because engines may give them any payload.
 *
 * `proposals` are features that are switched on besides, by Binaryen's names: for engines that have them behind a flag.
 *
 * @example
 * const { bytes } = await randomModule(17);
 */
export async function randomModule(seed: number, proposals: readonly string[] = []): Promise<RandomModule> {
  const random = new Random(seed);
  const features = [...optional.filter(() => random.oneIn(3)), ...proposals];
  const args = ['--mvp-features', ...[...common.split(' '), ...features].map((feature) => `--enable-${feature}`)];
  const folder = fs.mkdtempSync(join(tmpdir(), 'wirq-fuzz-'));
  try {
    const input = join(folder, 'random');
    const output = join(folder, 'module.wasm');
    fs.writeFileSync(input, random.bytes(random.oneIn(8) ? 2000 + random.below(6000) : 200 + random.below(1500)));
    args.push(input, '-ttf', '-q', '-o', output);
    // Random code has a shape of its own; optimised, it looks more like what compilers write.
    if (random.oneIn(4)) args.push('-O2');
    // Binaryen mixes both encodings of exceptions in one module, which V8 rejects; few have only the old one.
    if (features.includes('exception-handling') && !random.oneIn(4)) args.push('--translate-to-exnref');
    args.push('--denan');
    const { code, printed } = await wasmOpt(args);
    if (code !== 0) throw new Error(`wasm-opt failed on seed ${seed}: ${printed}`);
    const bytes = new Uint8Array(fs.readFileSync(output));
    return { seed, features, bytes: withTestExports(random.oneIn(2) ? bytes : withFewerExports(bytes, random)) };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const i32 = 0x7f;

/** Binaryen exports every function; of what is exported the rewriter has to leave more as it is than of what is not. */
function withFewerExports(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const { sections, exports } = parseModule(bytes);
  const section = sections.find(({ id }) => id === sectionIds.export);
  if (section === undefined) return bytes;
  const kinds = ['func', 'table', 'memory', 'global', 'tag'];
  const kept = exports.filter(({ kind }) => kind !== 'func' || random.oneIn(4));
  const contents = new Writer().u32(kept.length);
  for (const { name, kind, index } of kept) contents.name(name).u8(kinds.indexOf(kind)).u32(index);
  const out = new Writer(bytes.length).bytes(bytes.subarray(0, section.start));
  out.u8(section.id).u32(contents.length).bytes(contents.view());
  const fewer = out.bytes(bytes.subarray(section.end)).view().slice();
  // A function to which only an export lets code refer has to stay.
  return WebAssembly.validate(fewer) ? fewer : bytes;
}

/** A handler that loops a little and has no effect, and exports of all memories and globals. */
function withTestExports(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const module = parseModule(bytes);
  const exported = new Writer();
  module.memories.forEach((_, index) => {
    exported.name(`${statePrefix}:memory:${index}`).u8(2).u32(index);
  });
  module.globals.forEach((_, index) => {
    exported.name(`${statePrefix}:global:${index}`).u8(3).u32(index);
  });
  return appended(module, { count: module.memories.length + module.globals.length, bytes: exported.view() });
}

/** The module with a handler that loops a little and has no effect. */
export function withHandler(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return appended(parseModule(bytes), { count: 0, bytes: new Uint8Array() });
}

interface Entries {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Appends the handler, and exports beside its own. */
function appended(module: Module, exports: Entries): Uint8Array<ArrayBuffer> {
  const exported = new Writer().name(handlerName).u8(0).u32(module.functions.length).bytes(exports.bytes);
  // (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 5))))
  const body = [1, 1, i32, 0x03, 0x40, 0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41, 5, 0x49, 0x0d, 0, 0x0b, 0x0b];
  return enlarged(
    module,
    new Map<number, Entries>([
      [sectionIds.type, { count: 1, bytes: Uint8Array.of(0x60, 0, 0) }],
      [sectionIds.function, { count: 1, bytes: new Writer().u32(module.types.length).view() }],
      [sectionIds.export, { count: 1 + exports.count, bytes: exported.view() }],
      [sectionIds.code, { count: 1, bytes: Uint8Array.of(body.length, ...body) }],
    ]),
  );
}

/** The module with entries appended to sections, which are made where there are none. */
function enlarged(module: Module, additions: ReadonlyMap<number, Entries>): Uint8Array<ArrayBuffer> {
  const out = new Writer(module.bytes.length + 1024).bytes(module.bytes.subarray(0, 8));
  const waiting = new Map(additions);
  const write = (id: number, count: number, ...parts: readonly Uint8Array[]): void => {
    const contents = new Writer().u32(count);
    for (const part of parts) contents.bytes(part);
    out.u8(id).u32(contents.length).bytes(contents.view());
    waiting.delete(id);
  };
  const writeMissing = (place: number): void => {
    for (const [id, { count, bytes }] of waiting) if (sectionOrder.indexOf(id) < place) write(id, count, bytes);
  };
  for (const { id, start, body, end } of module.sections) {
    if (id !== sectionIds.custom) writeMissing(sectionOrder.indexOf(id));
    const addition = additions.get(id);
    if (addition === undefined) {
      out.bytes(module.bytes.subarray(start, end));
      continue;
    }
    const reader = new Reader(module.bytes, body, end);
    const count = reader.u32() + addition.count;
    write(id, count, module.bytes.subarray(reader.offset, end), addition.bytes);
  }
  writeMissing(sectionOrder.length);
  return out.view().slice();
}
