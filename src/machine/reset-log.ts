/** The event that begins every log, and every life of the firmware after a reset: what runs, and why. */
import { createHash } from 'node:crypto';
import type { Module } from '../wasm/module.ts';
import type { MachineCore } from './core.ts';
import { checkSeed } from './options.ts';

export function logReset(core: MachineCore, module: Module, seed: number | undefined): void {
  if (!core.observed) return;
  const hash = createHash('sha256').update(module.bytes).digest('hex');
  const details = { module: hash, hz: core.clock.hz, seed: checkSeed(seed) };
  core.emit('reset', core.resets.count === 0 ? details : { ...details, cause: core.resets.cause });
}
