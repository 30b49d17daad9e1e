/** The module as it is going to run: rewritten, so that it can be stopped at safepoints, or with what is hidden exposed. */
import { WirqError } from '../errors.ts';
import { type Exposed, expose } from '../rewrite/expose.ts';
import { type Instrumented, instrument } from '../rewrite/instrument.ts';
import type { Pause } from '../scheduler/dispatch-host.ts';
import type { BackendName } from '../stacks/backend.ts';
import { callsInCatch } from '../wasm/catch-calls.ts';
import { type Module, parseModule } from '../wasm/module.ts';
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

/** Growth below this is nothing that anybody would notice. */
const GROWTH_TOLD_BYTES = 256 << 10;

export interface Compiled {
  readonly module: WebAssembly.Module;
  readonly warnings: readonly string[];
}

/** Compiles it. What has to be waited for, where a pass over it takes its time, is yielded. */
export function* compilePrepared(
  { module, bytes }: Instrumented | Exposed,
  stacks: BackendName,
  { compile = (code) => new WebAssembly.Module(code), asyncify }: MachineOptions,
): Generator<Pause, Compiled, unknown> {
  if (stacks === 'asyncify') checkCatches(bytes);
  const made = stacks === 'asyncify' ? asyncify!(bytes) : bytes;
  const code = made instanceof Promise ? ((yield made) as typeof bytes) : made;
  return { module: compileGuest(module.bytes, code, compile), warnings: growth(bytes.length, code.length) };
}

/** Asyncify leaves those bodies as they are: whoever parks there goes on at once, with everything unwinding around it. */
function checkCatches(bytes: Uint8Array): void {
  const caller = callsInCatch(bytes);
  if (caller === undefined) return;
  const name = parseModule(bytes).functionName(caller);
  throw new WirqError('unsupported', `stacks by asyncify: ${name} can be interrupted in a catch`, {
    advice: 'Asyncify cannot unwind from the catch of a legacy try; other stacks can (wirq doctor)',
  });
}

function growth(before: number, after: number): string[] {
  if (after - before < GROWTH_TOLD_BYTES) return [];
  const kib = (bytes: number) => `${Math.round(bytes / 1024)} KiB`;
  return [
    `stacks by asyncify made the code ${(after / before).toFixed(1)} times as large (${kib(before)} to ${kib(after)}), and ` +
      'slower; stacks by wasmfx or jspi leave it as it is',
  ];
}
