/** Which backend a module's stacks run on: what it needs, what the engine has, what was asked for. */
import { WirqError } from '../errors.ts';
import { STACK_MODULE } from '../guests/stack.ts';
import { TASK_MODULE } from '../guests/task.ts';
import { ASYNCIFY_PREFIX, type Asyncify } from '../stacks/asyncify.ts';
import type { BackendName } from '../stacks/backend.ts';
import type { Module } from '../wasm/module.ts';
import { beyondAsyncify } from '../wasm/unwindable.ts';
import type { MachineOptions } from './options.ts';

/** Those that can park, the best first. */
export const PARKING: readonly BackendName[] = ['wasmfx', 'jspi', 'asyncify'];
/**
 * The same for a run that is recorded or replayed: by `jspi`, handlers begin at other moments than by the two others, so that a
 * recording by it replays by nothing else.
 */
const PARKING_ON_TAPE: readonly BackendName[] = ['wasmfx', 'asyncify', 'jspi'];

/** (type (func)) (type (cont 0)) */
const CONTINUATION_TYPE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 2, 0x60, 0, 0, 0x5d, 0);

/** Why the engine, or what was loaded into it, has no such backend; undefined when it has. */
export function engineLacks(name: BackendName, asyncify: Asyncify | undefined): string | undefined {
  switch (name) {
    case 'wasmfx':
      if (WebAssembly.validate(CONTINUATION_TYPE)) return undefined;
      return 'this engine has no stack switching, or it is not switched on (Node 26; enableStackSwitching())';
    case 'jspi':
      return 'Suspending' in WebAssembly
        ? undefined
        : 'this engine has no JavaScript Promise Integration (Node 24 or later)';
    case 'asyncify':
      return asyncify === undefined
        ? 'the package binaryen is not there (npm install binaryen; a library passes it by loadAsyncify())'
        : undefined;
    default:
      return undefined;
  }
}

/** Why a backend cannot be used here; undefined when it can. */
export function whyNot(name: BackendName, module: Module, asyncify: Asyncify | undefined): string | undefined {
  const lacking = engineLacks(name, asyncify);
  if (lacking !== undefined) return lacking;
  switch (name) {
    case 'asyncify':
      if (module.memories[0]?.limits.wide === true) return 'Asyncify does not know 64-bit memories';
      if (wentThroughAsyncify(module)) return 'the module went through Asyncify already, by its own toolchain';
      return asyncifyDoesNotKnow(module);
    case 'nested':
      return needsParking(module) === undefined ? undefined : 'nothing parks on nested stacks';
    default:
      return undefined;
  }
}

/** What is wrong with the module's code besides is not said here. */
function asyncifyDoesNotKnow(module: Module): string | undefined {
  try {
    const found = beyondAsyncify(module);
    return found === undefined ? undefined : `Asyncify does not know ${found}`;
  } catch (error) {
    if (error instanceof WirqError) return undefined;
    throw error;
  }
}

/** Whether its own toolchain made it able to unwind: its `asyncify_*` exports are its own business. */
export function wentThroughAsyncify(module: Module): boolean {
  return module.exports.some((each) => each.name.startsWith(ASYNCIFY_PREFIX));
}

/** What of a module asks for stacks that can park; undefined when nothing does. */
export function needsParking(module: Module): string | undefined {
  const found = module.imports.find((each) => each.module === TASK_MODULE || each.module === STACK_MODULE);
  return found === undefined ? undefined : `${found.module}.${found.name}`;
}

/** What a module's stacks could run on, and what they would by themselves. */
export interface StackReport {
  /** What asks for stacks that can park; undefined when nothing does. */
  readonly needs: string | undefined;
  /** What `auto` chooses; undefined when the module needs what is not here. */
  readonly choice: BackendName | undefined;
  readonly backends: readonly { readonly name: BackendName; readonly whyNot: string | undefined }[];
}

export function reportStacks(
  module: Module,
  asyncify: Asyncify | undefined,
  asks: string | undefined,
  order = PARKING,
): StackReport {
  const needs = needsParking(module) ?? asks;
  const parking = order.map((name) => ({ name, whyNot: whyNot(name, module, asyncify) }));
  const nested = {
    name: 'nested',
    whyNot: needs === undefined ? undefined : 'nothing parks on nested stacks',
  } as const;
  const best = parking.find((each) => each.whyNot === undefined)?.name;
  return { needs, choice: needs === undefined ? 'nested' : best, backends: [...parking, nested] };
}

/**
 * The backend for a module: the one asked for, else `nested` where nothing needs more, else the best that is there.
 *
 * @throws WirqError `unsupported`, saying what would work.
 */
export function chooseStacks(module: Module, options: MachineOptions, asks: string | undefined): BackendName {
  const { stacks: wanted = 'auto', asyncify, tape } = options;
  const order = tape === undefined ? PARKING : PARKING_ON_TAPE;
  // Most modules need nothing, or get the first there is: the others are then not asked about, which would read all code.
  if ((needsParking(module) ?? asks) === undefined && (wanted === 'auto' || wanted === 'nested')) return 'nested';
  const first = wanted === 'auto' ? order[0]! : wanted;
  if (first !== 'nested' && whyNot(first, module, asyncify) === undefined) return first;
  const { needs, choice, backends } = reportStacks(module, asyncify, asks, order);
  const parking = backends.filter((each) => each.name !== 'nested');
  if (wanted === 'auto') {
    if (choice !== undefined) return choice;
    throw new WirqError('unsupported', `the module imports ${needs}: it needs stacks that can park, and none is here`, {
      advice: parking.map((each) => `${each.name}: ${each.whyNot}`).join('; '),
    });
  }
  const reason = backends.find((each) => each.name === wanted)?.whyNot;
  if (reason === undefined) return wanted;
  const usable = parking.filter((each) => each.whyNot === undefined).map((each) => each.name);
  const why = wanted === 'nested' ? `nothing parks on them, and the module imports ${needs}` : reason;
  throw new WirqError('unsupported', `stacks by ${wanted}: ${why}`, {
    advice:
      usable.length > 0
        ? `here, --stacks ${usable.join(' and --stacks ')} would do`
        : 'nothing here would do; see wirq doctor',
  });
}
