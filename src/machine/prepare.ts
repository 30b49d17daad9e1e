/** The module as it is going to run: rewritten, so that it can be stopped at safepoints, or with what is hidden exposed. */
import { type Exposed, expose } from '../rewrite/expose.ts';
import { type Instrumented, instrument } from '../rewrite/instrument.ts';
import type { BackendName } from '../stacks/backend.ts';
import type { Module } from '../wasm/module.ts';
import { compileGuest } from './guest.ts';
import { checkGranularity, type MachineOptions, type Preemption } from './options.ts';

export interface Preparation {
  readonly preempt: Preemption;
  /** Functions whose entries are watched. */
  readonly probes: readonly number[];
  readonly masks: (name: string) => boolean;
}

export function prepare(
  { bytes }: Module,
  { preempt, probes, masks }: Preparation,
  { granularity, verify }: MachineOptions,
): Instrumented | Exposed {
  if (preempt !== 'safepoints') return expose(bytes);
  const rewriting = { probes, maskFunction: masks, granularity: checkGranularity(granularity) ?? 'loop' };
  const rewritten = instrument(bytes, rewriting);
  verify?.(bytes, rewritten, rewriting);
  return rewritten;
}

export function compilePrepared(
  { module, bytes }: Instrumented | Exposed,
  stacks: BackendName,
  { compile = (code) => new WebAssembly.Module(code), asyncify }: MachineOptions,
): WebAssembly.Module {
  return compileGuest(module.bytes, stacks === 'asyncify' ? asyncify!(bytes) : bytes, compile);
}
