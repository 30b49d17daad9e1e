/**
 * Finds memory for the handler stack, first that applies: a block the firmware exports as `wirq_handler_stack` (its
 * first u32 holds its size in bytes; sdk/c/wirq.h declares it), else memory from the guest's `malloc` at boot, else
 * none: handlers then share the interrupted stack, below its red zone.
 *
 * The allocator is asked when the start function is done, which may be what sets up its data (wasm-ld's
 * `__wasm_init_memory`); handlers that run before share the interrupted stack.
 */
import { WirqError } from '../errors.ts';
import { DEFAULT_BYTES, HandlerStack, MIN_BYTES, type StackRegion, stackRegion } from '../stacks/handler-stack.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineCore } from './core.ts';
import type { Guest } from './guest.ts';

/** The name of the exported block. */
export const HANDLER_STACK_EXPORT = 'wirq_handler_stack';

/** @throws WirqError `bad-module` when the firmware declares what cannot be a stack. */
export function declaredRegion(guest: Guest): StackRegion | undefined {
  const { memory } = guest;
  const exported = guest.global(HANDLER_STACK_EXPORT);
  if (exported === undefined || memory === undefined) return undefined;
  const address = exported >>> 0;
  const fits = address + 4 <= memory.buffer.byteLength;
  const bytes = fits ? new DataView(memory.buffer).getUint32(address, true) : 0;
  const region = stackRegion(memory, address, bytes, 'declared');
  if (region !== undefined) return region;
  throw new WirqError('bad-module', `${HANDLER_STACK_EXPORT} at address ${address} is no stack of ${bytes} bytes`, {
    advice: `its first u32 is its size in bytes, at least ${MIN_BYTES}; WIRQ_HANDLER_STACK in sdk/c/wirq.h declares it`,
  });
}

/** Runs guest code: the caller sees to it that nothing interrupts it. */
function allocatedRegion(guest: Guest, module: Module): StackRegion | undefined {
  const { memory } = guest;
  const exported = module.exports.find((each) => each.kind === 'func' && each.name === 'malloc');
  if (exported === undefined || memory === undefined) return undefined;
  const { params, results } = module.functionType(exported.index);
  if (params.join() !== 'i32' || results.join() !== 'i32') return undefined;
  const address = Number(guest.function('malloc')?.(DEFAULT_BYTES)) >>> 0;
  return stackRegion(memory, address, DEFAULT_BYTES, 'allocated');
}

/** For firmware that declares none: from its own allocator, once its start function has run. */
export function allocateHandlerStack(guest: Guest, module: Module, core: MachineCore): void {
  if (core.handlerStack?.origin !== 'shared') return;
  const region = core.loop.uninterrupted(() => allocatedRegion(guest, module));
  if (region !== undefined) core.handlerStack = new HandlerStack(guest.memory!, guest.stackPointer!, region);
}
