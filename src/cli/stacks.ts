/** Gets ready what the stacks of a module need of the engine and of optional packages, before the machine is loaded. */
import { enableStackSwitching } from '../host/engine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { asyncImport, hostModules } from '../machine/promises.ts';
import { needsParking, whyNot } from '../machine/stack-choice.ts';
import { parseModule } from '../wasm/module.ts';

/** The option `asyncify`, where those stacks are asked for or nothing else is there. */
export async function prepareStacks(
  bytes: Uint8Array,
  options: MachineOptions,
): Promise<Pick<MachineOptions, 'asyncify'>> {
  const { stacks } = options;
  const module = parseModule(bytes);
  const promised = asyncImport(module, hostModules(options, { memory: () => undefined }));
  const automatic = stacks === undefined || stacks === 'auto';
  if (stacks === 'nested' || (automatic && (needsParking(module) ?? promised) === undefined)) return {};
  enableStackSwitching();
  const others = ['wasmfx', 'jspi'] as const;
  const wanted = stacks === 'asyncify' || (automatic && others.every((name) => whyNot(name, module, undefined)));
  return wanted ? { asyncify: await (await import('../host/asyncify.ts')).loadAsyncify() } : {};
}
