/**
 * Binaryen's Asyncify pass, for engines that cannot switch stacks. The package `binaryen` is loaded when it is needed;
 * where it is not installed, that is said. What came out is kept by the hash of what went in: a program that runs the
 * same firmware again does not pay twice.
 */
import { createHash } from 'node:crypto';
import { WirqError } from '../errors.ts';
import { ASYNCIFY_MEMORY, ASYNCIFY_MEMORY_PAGES, type Asyncify } from '../stacks/asyncify.ts';

/** The little of Binaryen that is used here. */
interface Binaryen {
  readBinary(bytes: Uint8Array): BinaryenModule;
  setPassArgument(name: string, value: string): void;
  readonly Features: Readonly<Record<string, number>>;
}

interface BinaryenModule {
  setFeatures(features: number): void;
  runPasses(passes: readonly string[]): void;
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

/**
 * Loads the pass. Once it is there, asyncifying needs no waiting.
 *
 * @throws WirqError `unsupported` when the package is not installed.
 */
export async function loadAsyncify(): Promise<Asyncify> {
  const binaryen = await loadBinaryen();
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  return (bytes) => {
    const key = createHash('sha256').update(bytes).digest('hex');
    const known = kept.get(key);
    if (known !== undefined) return known;
    const result = asyncify(binaryen, bytes);
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
    kept.set(key, result);
    return result;
  };
}

async function loadBinaryen(): Promise<Binaryen> {
  try {
    const name = 'binaryen'; // an optional dependency: not resolved when wirq is compiled
    return ((await import(name)) as { default: Binaryen }).default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new WirqError('unsupported', 'stacks by asyncify need the package binaryen, which is not installed', {
      advice: 'install it beside wirq (npm install binaryen), or use Node 26, which can switch stacks by itself',
    });
  }
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
  const several = WebAssembly.validate(TWO_MEMORIES);
  const module = binaryen.readBinary(bytes);
  try {
    const names = several ? [...FEATURES, 'MultiMemory'] : FEATURES;
    module.setFeatures(names.reduce((sum, name) => sum | (binaryen.Features[name] ?? 0), 0));
    // `null` takes an argument back; the declaration of types knows strings only.
    binaryen.setPassArgument('asyncify-in-secondary-memory', (several ? '1' : null) as string);
    binaryen.setPassArgument('asyncify-secondary-memory-size', (several ? `${ASYNCIFY_MEMORY_PAGES}` : null) as string);
    runPasses(module);
    if (several) module.addMemoryExport(ADDED_MEMORY, ASYNCIFY_MEMORY);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}
