/** The module as it is going to run: rewritten, so that it can be stopped at safepoints, or with what is hidden exposed. */
import { WirqError } from '../errors.ts';
import { expose } from '../rewrite/expose.ts';
import { type Instrumented, type InstrumentOptions, instrument } from '../rewrite/instrument.ts';
import { type LoweredWaits, lowerWaits } from '../rewrite/memory-waits.ts';
import type { Pause } from '../scheduler/dispatch-host.ts';
import type { BackendName } from '../stacks/backend.ts';
import { callsInCatch } from '../wasm/catch-calls.ts';
import { type Module, parseModule } from '../wasm/module.ts';
import type { Offsets } from './backtrace.ts';
import { compileGuest, type Prepared } from './guest.ts';
import { checkGranularity, type MachineOptions, type Preemption } from './options.ts';

export interface Preparation {
  readonly preempt: Preemption;
  /** Functions whose entries are watched. */
  readonly probes: readonly number[];
  readonly masks: (name: string) => boolean;
}

/** The module as it runs. */
export interface PreparedModule extends Prepared {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: Offsets;
}

export function prepare(
  module: Module,
  { preempt, probes, masks }: Preparation,
  { granularity, verify, realTime, tape }: MachineOptions,
): PreparedModule {
  if (preempt !== 'safepoints') return expose(module.bytes);
  const rewriting = { probes, maskFunction: masks, granularity: checkGranularity(granularity) ?? 'loop' };
  // In real time another thread may wake who waits, and end the run; what is recorded is to happen again without one.
  const lowered = realTime === undefined || tape !== undefined ? lowerWaits(module) : undefined;
  const rewritten = rewrite(module, lowered, rewriting);
  verify?.(module.bytes, rewritten, { ...rewriting, lowered });
  if (lowered === undefined) return rewritten;
  const toOriginal = (offset: number) => lowered.offsets.toOriginal(rewritten.offsets.toOriginal(offset));
  return { ...rewritten, module, offsets: { toOriginal }, waits: lowered.hook };
}

function rewrite(module: Module, lowered: LoweredWaits | undefined, rewriting: InstrumentOptions): Instrumented {
  if (lowered === undefined) return instrument(module.bytes, rewriting);
  try {
    return instrument(lowered.bytes, rewriting);
  } catch (error) {
    // What is wrong with the module is told with the places of the user's file.
    instrument(module.bytes, rewriting);
    throw error;
  }
}

/** Growth below this is nothing that anybody would notice. */
const GROWTH_TOLD_BYTES = 256 << 10;

export interface Compiled {
  readonly module: WebAssembly.Module;
  readonly warnings: readonly string[];
}

/** Compiles it. What has to be waited for, where a pass over it takes its time, is yielded. */
export function* compilePrepared(
  { module, bytes }: PreparedModule,
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
