/** Gets ready what the stacks of a module need of the engine and of optional packages, before the machine is loaded. */
import { unreachable } from '../assert.ts';
import { enableStackSwitching, forbidDeoptimising } from '../host/engine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { asyncImport, hostModules, NO_GUEST } from '../machine/promises.ts';
import { engineLacks, needsParking, PARKING, whyNot } from '../machine/stack-choice.ts';
import type { BackendName } from '../stacks/backend.ts';
import { parseModule } from '../wasm/module.ts';

/**
 * The option `asyncify`, where those stacks are asked for or nothing else is there. Where the module is going to be refused, it is
 * there all the same if it could be: the refusal then says so. `onTape`: the run is recorded or replayed.
 */
export async function prepareStacks(
  bytes: Uint8Array,
  options: MachineOptions,
  onTape = false,
): Promise<Pick<MachineOptions, 'asyncify'>> {
  const { stacks = 'auto' } = options;
  const module = parseModule(bytes);
  const needs = needsParking(module) ?? asyncImport(module, hostModules(options, NO_GUEST));
  if (needs === undefined && (stacks === 'auto' || stacks === 'nested')) return {};
  enableStackSwitching();
  const others: readonly BackendName[] = onTape ? ['wasmfx'] : ['wasmfx', 'jspi'];
  if (stacks === 'auto' && others.some((name) => whyNot(name, module, undefined) === undefined)) return {};
  if (stacks === 'asyncify' || (stacks === 'auto' && (await asyncifyToAskAbout()) !== undefined)) {
    forbidDeoptimising();
    return { asyncify: (await import('../host/asyncify.ts')).asyncifyWhenNeeded({ cache: true }) };
  }
  const refused = stacks === 'auto' || stacks === 'nested' || whyNot(stacks, module, undefined) !== undefined;
  return refused ? { asyncify: await asyncifyToAskAbout() } : {};
}

/** For questions that only ask whether Asyncify is there: it stands for the option, and is never called. */
export async function asyncifyToAskAbout(): Promise<MachineOptions['asyncify']> {
  const { asyncifyProblem } = await import('../host/asyncify.ts');
  const nothing = () => unreachable('nothing is asyncified when only asked about' as never);
  return asyncifyProblem() === undefined ? nothing : undefined;
}

export interface BackendReport {
  readonly name: BackendName;
  readonly available: boolean;
  /** What it is and costs, or why it is not there. */
  readonly why: string;
}

const USE: Readonly<Record<BackendName, string>> = {
  wasmfx: 'continuations of the core language; the code stays as it is',
  jspi: 'JavaScript Promise Integration; the code stays as it is',
  asyncify: 'Binaryen makes the code able to unwind, larger and slower',
  nested: 'handlers only: neither tasks nor stacks, nor calls that wait for promises',
};

/** What stacks this engine has, the best first. */
export async function backendReports(): Promise<readonly BackendReport[]> {
  enableStackSwitching();
  const asyncify = await asyncifyToAskAbout();
  return [...PARKING, 'nested' as const].map((name) => {
    const lacking = engineLacks(name, asyncify);
    return { name, available: lacking === undefined, why: lacking ?? USE[name] };
  });
}
