/**
 * Where a guest can be interrupted: which combinations of clock and preemption there are, and what each cannot do. What is
 * refused says what would work.
 */
import { WirqError } from '../errors.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineOptions, Preemption } from './options.ts';
import { needsParking } from './stack-choice.ts';

/** @throws WirqError `unsupported`, saying what works. */
export function checkPreemption(module: Module, options: MachineOptions): Preemption {
  const preempt = options.preempt ?? 'safepoints';
  if (preempt === 'safepoints') return preempt;
  const { realTime } = options;
  if (realTime === undefined) {
    const why = preempt === 'native' ? 'native interrupts are not repeatable' : 'only safepoints count work';
    refuse(`preemption by ${preempt} in virtual time: ${why}`, 'use safepoints, or the real clock');
  }
  if (preempt === 'native' && realTime.native === undefined) {
    refuse(
      'native interrupts need a guest on a thread of its own, and the inspector',
      'use --clock real --preempt native of the command line; here, safepoints and calls work',
    );
  }
  for (const [given, what] of unavailable(options)) {
    if (given) refuse(`${what} with preemption by ${preempt}: its code is not rewritten`, 'use safepoints');
  }
  const parks = needsParking(module);
  if (parks !== undefined) {
    refuse(`preemption by ${preempt}: the module imports ${parks}, and nothing parks without safepoints`, 'use them');
  }
  return preempt;
}

function* unavailable(options: MachineOptions): Generator<[given: boolean, what: string]> {
  yield [options.maxInstructions !== undefined, 'a limit of instructions'];
  yield [options.granularity !== undefined, 'a granularity'];
  yield [options.verify !== undefined, 'verification'];
  yield [![undefined, 'auto', 'nested'].includes(options.stacks), `stacks by ${options.stacks}`];
}

/** @throws WirqError `unsupported` for a moment that only rewritten code can tell. */
export function refuseMoment(moment: string, preempt: Preemption): never {
  return refuse(`${moment} with preemption by ${preempt}: its code is not rewritten`, 'use safepoints, or a time');
}

function refuse(message: string, advice: string): never {
  throw new WirqError('unsupported', message, { advice });
}
