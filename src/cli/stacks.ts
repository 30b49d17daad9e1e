/** Gets ready what the stacks of a module need of the engine and of optional packages, before the machine is loaded. */
import { enableStackSwitching } from '../host/engine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { needsParking, whyNot } from '../machine/stack-choice.ts';
import { parseModule } from '../wasm/module.ts';

/** The option `asyncify`, where those stacks are asked for or nothing else is there. */
export async function prepareStacks(
  bytes: Uint8Array,
  stacks: MachineOptions['stacks'],
): Promise<Pick<MachineOptions, 'asyncify'>> {
  const module = parseModule(bytes);
  const automatic = stacks === undefined || stacks === 'auto';
  if (stacks === 'nested' || (automatic && needsParking(module) === undefined)) return {};
  enableStackSwitching();
  const others = ['wasmfx', 'jspi'] as const;
  const wanted = stacks === 'asyncify' || (automatic && others.every((name) => whyNot(name, module, undefined)));
  return wanted ? { asyncify: await (await import('../host/asyncify.ts')).loadAsyncify() } : {};
}
