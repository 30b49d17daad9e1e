/** Runs in real time: the machine on a thread of its own, this one free for signals, timers and input. */
import { BoardLink } from '../host/board-link.ts';
import { EXIT_TIMEOUT } from '../scheduler/outcome.ts';
import { EXIT_IMPATIENT, EXIT_INTERNAL } from './exit-codes.ts';
import type { RunOptions } from './run-options.ts';

/** What the core's thread is given, besides its end of the link. */
export interface CoreData {
  readonly argv: readonly string[];
  readonly bytes: Uint8Array;
}

/** @returns the exit code. Everything else is said and written by the core's thread. */
export async function runInRealTime(argv: readonly string[], options: RunOptions, bytes: Uint8Array): Promise<number> {
  const entry = import.meta.url.endsWith('.ts') ? './core-thread.ts' : './core-thread.js';
  const data: CoreData = { argv, bytes };
  return BoardLink.run({
    entry: new URL(entry, import.meta.url),
    workerData: { ...data },
    native: options.machine.preempt === 'native',
    forwards: options.forwardSignals,
    control: options.control && {
      place: options.control,
      greeting: (await import('./control.ts')).greeting(options),
    },
    limitMs: options.machine.wall?.limitMs,
    codes: { impatient: EXIT_IMPATIENT, died: EXIT_INTERNAL, stuck: EXIT_TIMEOUT },
  });
}
