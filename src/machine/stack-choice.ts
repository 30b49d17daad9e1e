/** Which backend a module's stacks run on: what it needs, what the engine has, what was asked for. */
import { WirqError } from '../errors.ts';
import { STACK_MODULE } from '../guests/stack.ts';
import { TASK_MODULE } from '../guests/task.ts';
import type { Asyncify } from '../stacks/asyncify.ts';
import type { BackendName } from '../stacks/backend.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineOptions } from './options.ts';

/** (type (func)) (type (cont 0)) */
const CONTINUATION_TYPE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 2, 0x60, 0, 0, 0x5d, 0);

/** Why a backend cannot be used here; undefined when it can. */
export function whyNot(name: BackendName, module: Module, asyncify: Asyncify | undefined): string | undefined {
  switch (name) {
    case 'wasmfx':
      if (WebAssembly.validate(CONTINUATION_TYPE)) return undefined;
      return 'this engine has no stack switching, or it is not switched on (Node 26; enableStackSwitching())';
    case 'jspi':
      return 'Suspending' in WebAssembly ? undefined : 'this engine has no JavaScript Promise Integration (Node 24)';
    case 'asyncify':
      if (asyncify === undefined) return 'Asyncify is not loaded (loadAsyncify() gives the option of that name)';
      if (module.memories[0]?.limits.wide === true) return 'Asyncify does not know 64-bit memories';
      if (module.exports.some((each) => each.name.startsWith('asyncify_'))) {
        return 'the module went through Asyncify already, by its own toolchain';
      }
      return undefined;
    default:
      return needsParking(module) === undefined ? undefined : 'nothing parks on nested stacks';
  }
}

/** What of a module asks for stacks that can park; undefined when nothing does. */
export function needsParking(module: Module): string | undefined {
  const found = module.imports.find((each) => each.module === TASK_MODULE || each.module === STACK_MODULE);
  return found === undefined ? undefined : `${found.module}.${found.name}`;
}

/**
 * The backend for a module: the one asked for, else `nested` where nothing needs more, else the best that is there.
 *
 * @throws WirqError `unsupported`, saying what would work.
 */
export function chooseStacks(module: Module, options: MachineOptions, asks: string | undefined): BackendName {
  const wanted = options.stacks ?? 'auto';
  const needs = needsParking(module) ?? asks;
  const candidates: readonly BackendName[] = ['wasmfx', 'jspi', 'asyncify'];
  const reasons = new Map(candidates.map((name) => [name, whyNot(name, module, options.asyncify)]));
  const usable = candidates.filter((name) => reasons.get(name) === undefined);
  if (wanted === 'auto') {
    if (needs === undefined) return 'nested';
    if (usable[0] !== undefined) return usable[0];
    throw new WirqError('unsupported', `the module imports ${needs}: it needs stacks that can park, and none is here`, {
      advice: [...reasons].map(([name, reason]) => `${name}: ${reason}`).join('; '),
    });
  }
  const reason = wanted === 'nested' ? undefined : reasons.get(wanted);
  if (wanted === 'nested' ? needs === undefined : reason === undefined) return wanted;
  throw new WirqError(
    'unsupported',
    `stacks by ${wanted}: ${reason ?? `nothing parks on them, and the module imports ${needs}`}`,
    {
      advice: usable.length > 0 ? `here, ${usable.join(' and ')} would do` : 'nothing here would do; see wirq doctor',
    },
  );
}
