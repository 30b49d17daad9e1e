/**
 * Binaryen's Asyncify pass, for engines that cannot switch stacks. The package `binaryen` is loaded when a module goes
 * through it for the first time; where it is not installed, that is said. What came out is kept by the hash of what went
 * in, in memory and, where a directory is given, from run to run: loading Binaryen takes longer than most firmware runs.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { WirqError } from '../errors.ts';
import { ASYNCIFY_MEMORY, ASYNCIFY_MEMORY_PAGES, type Asyncify, type AsyncifyAtOnce } from '../stacks/asyncify.ts';
import { AsyncifyCache, cacheDirectory } from './asyncify-cache.ts';

const PACKAGE = 'binaryen';

/** The little of Binaryen that is used here. */
interface Binaryen {
  readBinary(bytes: Uint8Array): BinaryenModule;
  setPassArgument(name: string, value: string): void;
  readonly Features: Readonly<Record<string, number>>;
}

interface BinaryenModule {
  setFeatures(features: number): void;
  runPasses(passes: readonly string[]): void;
  hasMemory(): boolean;
  setMemory(initial: number, maximum: number, exportName: string): void;
  addMemoryExport(internal: string, external: string): void;
  emitBinary(): Uint8Array;
  dispose(): void;
}

/** One by one: V8 refuses some of what Binaryen writes when all of them are allowed. */
const FEATURES = [
  'MVP',
  'Atomics',
  'MutableGlobals',
  'NontrappingFPToInt',
  'SIMD128',
  'BulkMemory',
  'BulkMemoryOpt',
  'CallIndirectOverlong',
  'SignExt',
  'ExceptionHandling',
  'TailCall',
  'ReferenceTypes',
  'Multivalue',
  'RelaxedSIMD',
  'ExtendedConst',
];
/** What tidies functions up and leaves their order alone: their numbers are how a backtrace knows them. */
const PASSES = [
  'asyncify',
  'precompute',
  'optimize-instructions',
  'simplify-locals-nostructure',
  'coalesce-locals',
  'remove-unused-brs',
  'merge-blocks',
  'vacuum',
  'reorder-locals',
];
/** Binaryen's name for the memory it adds. */
const ADDED_MEMORY = 'asyncify_memory';
const KEPT = 8;
/** (memory 0) (memory 0) */
const TWO_MEMORIES = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0);

/** What makes a difference to what comes out, besides what goes in. */
const SEVERAL = WebAssembly.validate(TWO_MEMORIES);

export interface AsyncifyOptions {
  /** A directory to keep results in from run to run; true for the user's own (`cacheDirectory`). Default: in memory only. */
  readonly cache?: string | boolean | undefined;
}

/**
 * Loads the pass. Once it is there, asyncifying needs no waiting.
 *
 * @throws WirqError `unsupported` when the package is not installed.
 * @example const machine = Machine.load(bytes, { stacks: 'asyncify', asyncify: await loadAsyncify() });
 */
export async function loadAsyncify(options: AsyncifyOptions = {}): Promise<AsyncifyAtOnce> {
  const binaryen = await loadBinaryen();
  const results = new Results(options);
  return (bytes) => results.get(bytes) ?? results.keep(bytes, asyncify(binaryen, bytes));
}

/**
 * The same, loading Binaryen only for what is not cached: its result may be a promise, so that only `runAsync` can use it.
 *
 * @throws WirqError `unsupported` when the package is not installed.
 */
export function asyncifyWhenNeeded(options: AsyncifyOptions = {}): Asyncify {
  const problem = asyncifyProblem();
  if (problem !== undefined) throw notInstalled();
  const results = new Results(options);
  return (bytes) =>
    results.get(bytes) ?? loadBinaryen().then((binaryen) => results.keep(bytes, asyncify(binaryen, bytes)));
}

/** Why the pass cannot be loaded, found without loading it; undefined when it can. */
export function asyncifyProblem(): string | undefined {
  return packageFile() === undefined ? 'the package binaryen is not installed beside wirq' : undefined;
}

/** What came out before, by the hash of what went in. */
class Results {
  readonly #files: AsyncifyCache | undefined;
  readonly #kept = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor({ cache }: AsyncifyOptions) {
    const directory = cache === true ? cacheDirectory() : cache;
    // Without knowing which Binaryen it is, what another one made cannot be told from what this one would make.
    const known = typeof directory === 'string' && binaryenVersion() !== undefined;
    this.#files = known ? new AsyncifyCache(directory) : undefined;
  }

  get(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const key = keyOf(bytes);
    const found = this.#kept.get(key) ?? this.#files?.get(key);
    if (found !== undefined) this.#remember(key, found);
    return found;
  }

  keep(bytes: Uint8Array, result: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const key = keyOf(bytes);
    this.#files?.set(key, result);
    this.#remember(key, result);
    return result;
  }

  #remember(key: string, result: Uint8Array<ArrayBuffer>): void {
    if (!this.#kept.has(key) && this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(key, result);
  }
}

function keyOf(bytes: Uint8Array): string {
  const recipe = JSON.stringify([binaryenVersion(), PASSES, FEATURES, SEVERAL && ASYNCIFY_MEMORY_PAGES]);
  return createHash('sha256').update(recipe).update(bytes).digest('hex');
}

function packageFile(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(PACKAGE);
  } catch {
    return undefined;
  }
}

let version: string | undefined;

function binaryenVersion(): string | undefined {
  const file = packageFile();
  if (version !== undefined || file === undefined) return version;
  try {
    const found: unknown = JSON.parse(readFileSync(join(dirname(file), 'package.json'), 'utf8')).version;
    if (typeof found === 'string') version = found;
  } catch {
    // another layout than the package has
  }
  return version;
}

async function loadBinaryen(): Promise<Binaryen> {
  try {
    const name: string = PACKAGE; // an optional dependency: not resolved when wirq is compiled
    return ((await import(name)) as { default: Binaryen }).default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw notInstalled();
  }
}

function notInstalled(): WirqError {
  return new WirqError('unsupported', 'stacks by asyncify need the package binaryen, which is not installed', {
    advice: 'install it beside wirq (npm install binaryen), or use Node 26, which can switch stacks by itself',
  });
}

/** Binaryen gives up by throwing what is no Error. */
function runPasses(module: BinaryenModule): void {
  try {
    module.runPasses(PASSES);
  } catch (error) {
    throw new WirqError('unsupported', 'Binaryen cannot make this module able to unwind', {
      advice: 'Asyncify knows no tail calls, and not everything newer; other stacks take any module (wirq doctor)',
      cause: error,
    });
  }
}

function asyncify(binaryen: Binaryen, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = binaryen.readBinary(bytes);
  try {
    const names = SEVERAL ? [...FEATURES, 'MultiMemory'] : FEATURES;
    module.setFeatures(names.reduce((sum, name) => sum | (binaryen.Features[name] ?? 0), 0));
    // `null` takes an argument back; the declaration of types knows strings only.
    binaryen.setPassArgument('asyncify-in-secondary-memory', (SEVERAL ? '1' : null) as string);
    binaryen.setPassArgument('asyncify-secondary-memory-size', (SEVERAL ? `${ASYNCIFY_MEMORY_PAGES}` : null) as string);
    if (!SEVERAL && !module.hasMemory()) {
      module.setMemory(ASYNCIFY_MEMORY_PAGES, ASYNCIFY_MEMORY_PAGES, ASYNCIFY_MEMORY);
    }
    runPasses(module);
    if (SEVERAL) module.addMemoryExport(ADDED_MEMORY, ASYNCIFY_MEMORY);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}
