/**
 * The engine underneath: what V8 offers, and how modules are compiled. The only place that sets V8 flags.
 */
import { setFlagsFromString } from 'node:v8';

/** Branch hints are on by default from V8 13.6 (Chrome 136); before that they stand behind a flag. */
const BRANCH_HINTS_SHIPPED = [13, 6] as const;
/** The first V8 that knows the core stack-switching flag in any Node that wirq supports (Node 26). */
const STACK_SWITCHING_FLAG = [14, 6] as const;

/** From here on V8 deoptimises WebAssembly, by feedback from its baseline tier. */
const FEEDBACK_TIERING = [13, 7] as const;

/** Larger modules keep the baseline tier: optimising all of it at once would delay the start. */
export const OPTIMISE_UP_TO_BYTES = 1 << 20;

/**
 * Switches the core language's stack switching on, where V8 has it behind a flag (14.6, Node 26). Set it before a machine
 * is loaded; it holds for the whole process. @returns whether `wasmfx` stacks can be used now.
 */
export function enableStackSwitching(): boolean {
  if (atLeast(STACK_SWITCHING_FLAG)) setFlagsFromString('--experimental-wasm-wasmfx');
  return accepts(...CONTINUATION_TYPE);
}

export interface Feature {
  readonly name: string;
  readonly available: boolean;
  /** How it is used, where it is there. */
  readonly use: string;
  /** What its absence costs. */
  readonly cost: string;
}

function atLeast([major, minor]: readonly [number, number]): boolean {
  const [haveMajor = 0, haveMinor = 0] = process.versions.v8.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

/** Turns branch hints on where they are not on by default. The flag exists in every V8 below 13.6 that wirq supports. */
function enableBranchHints(): void {
  if (!atLeast(BRANCH_HINTS_SHIPPED)) setFlagsFromString('--experimental-wasm-branch-hinting');
}

/**
 * Compiles a module. V8 never replaces a running function by its optimised version, so a `main` that is entered once
 * and loops for ever would stay in baseline code: small modules are compiled by the optimising tier from the start.
 * Sets process-wide V8 flags: for the command line, not for a library inside somebody's process.
 */
export function compileForRun(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  enableBranchHints();
  if (bytes.length <= OPTIMISE_UP_TO_BYTES) skipBaseline();
  return new WebAssembly.Module(bytes);
}

/**
 * Without its baseline tier V8 has no feedback; where it would use it all the same (seen in V8 14.6: a failed check in
 * the optimising tier), deoptimising, which depends on feedback, has to go with it.
 */
function skipBaseline(): void {
  setFlagsFromString('--no-liftoff');
  forbidDeoptimising();
}

/**
 * V8 ends the process, too, when a function that it began to optimise with deoptimising is finished without. So where
 * `compileForRun` is to follow, this has to come before any large module that may still be in the making: Binaryen.
 */
export function forbidDeoptimising(): void {
  if (atLeast(FEEDBACK_TIERING)) setFlagsFromString('--no-wasm-deopt');
}

/** A module is accepted only by an engine that has the feature it uses. */
function accepts(...bytes: number[]): boolean {
  return WebAssembly.validate(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes]));
}

/** (type (func)) (type (cont 0)) */
const CONTINUATION_TYPE = [1, 6, 2, 0x60, 0, 0, 0x5d, 0];
/** (type (func (result v128))) (func v128.const 0) */
const SIMD = [1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, 22, 1, 20, 0, 0xfd, 0x0c, ...new Array(16).fill(0), 0x0b];
/** (type (func)) (func return_call 0) */
const TAIL_CALL = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x12, 0, 0x0b];
/** (type (struct)) */
const GARBAGE_COLLECTION = [1, 3, 1, 0x5f, 0];
/** (type (func)) (func try_table end) */
const EXCEPTIONS = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 0x1f, 0x40, 0, 0x0b, 0x0b];
/** (memory i64 0) */
const MEMORY64 = [5, 3, 1, 4, 0];
/** (memory 0) (memory 0) */
const MULTI_MEMORY = [5, 5, 2, 0, 0, 0, 0];

/** What this engine offers of what wirq and its guests can use. */
export function engineFeatures(): readonly Feature[] {
  enableStackSwitching();
  const language = (name: string, available: boolean): Feature => ({
    name,
    available,
    use: 'guests may use it',
    cost: 'guests that use it are refused; build them without it',
  });
  return [
    {
      name: 'branch hints',
      available: true,
      use: atLeast(BRANCH_HINTS_SHIPPED)
        ? 'safepoints are marked unlikely'
        : 'safepoints are marked unlikely, behind a flag that wirq sets',
      cost: 'safepoints cost about twice as much',
    },
    {
      name: 'JSPI',
      available: 'Suspending' in WebAssembly,
      use: 'stacks that can park (--stacks jspi), where there is no WasmFX',
      cost: 'stacks that can park need WasmFX or Asyncify',
    },
    {
      name: 'WasmFX (core stack switching)',
      available: accepts(...CONTINUATION_TYPE),
      use: 'stacks that can park (--stacks wasmfx), behind a flag that wirq sets',
      cost: 'stacks that can park need JSPI, or Asyncify, which makes code larger and slower',
    },
    {
      name: 'inspector',
      available: process.features.inspector,
      use: 'native interrupts: --clock real --preempt native',
      cost: 'in real time, only rewritten modules can be interrupted in the middle of a loop',
    },
    language('SIMD', accepts(...SIMD)),
    language('tail calls', accepts(...TAIL_CALL)),
    language('exception handling (exnref)', accepts(...EXCEPTIONS)),
    language('garbage collection', accepts(...GARBAGE_COLLECTION)),
    language('memory64', accepts(...MEMORY64)),
    language('multiple memories', accepts(...MULTI_MEMORY)),
  ];
}

/** `Node 26.10.0, V8 14.6.202.34, linux x64`. */
export function engineName(): string {
  return `Node ${process.versions.node}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}`;
}
