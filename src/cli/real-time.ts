/** Runs in real time: the machine on a thread of its own, this one free for signals, timers and input. */
import { BoardLink } from '../host/board-link.ts';
import { say } from '../host/standard-streams.ts';
import { DEFAULT_HANDLER_TIMEOUT, handlerName } from '../machine/handler-watch.ts';
import { checkTime } from '../machine/options.ts';
import { EXIT_TIMEOUT } from '../scheduler/outcome.ts';
import type { ChunkKind } from '../trace/recording-file.ts';
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
  const recording =
    options.record === undefined ? undefined : new (await import('./record.ts')).RecordingFile(options.record);
  const code = await BoardLink.run({
    entry: new URL(entry, import.meta.url),
    workerData: { ...data },
    native: options.machine.preempt === 'native',
    forwards: options.forwardSignals,
    interactive: options.interactive,
    control: options.control && {
      place: options.control,
      greeting: (await import('./control.ts')).greeting(options),
    },
    limitMs: options.machine.wall?.limitMs,
    onRecord: recording && ((part, content) => recording.part(part as ChunkKind, content)),
    handlerMs: handlerMilliseconds(options),
    onStuck: (handler) => complainOfStuck(options, handler),
    onDied: complainOfDeath,
    impatient: EXIT_IMPATIENT,
  });
  recording?.close();
  return code;
}

function handlerMilliseconds({ machine, rtRatio = 1 }: RunOptions): number | undefined {
  const { handlerTimeout = DEFAULT_HANDLER_TIMEOUT } = machine;
  return handlerTimeout === 'none' ? undefined : checkTime(handlerTimeout, 'handler timeout') / rtRatio / 1e6;
}

function complainOfDeath(threadCode: number): number {
  say(`wirq: the machine's thread ended by itself, with code ${threadCode}; there is no summary\n`);
  say('  a device or host function of your own may have called process.exit\n');
  return EXIT_INTERNAL;
}

/** Names that a scenario gives are not known on this thread. */
function complainOfStuck(options: RunOptions, handler: number | undefined): number {
  const what = handler === undefined ? 'the guest' : `the handler of ${handlerName(handler)}`;
  const limit = handler === undefined ? '--wall-timeout' : '--handler-timeout';
  const { preempt = 'safepoints' } = options.machine;
  say(`timeout: ${what} goes on beyond ${limit}, and cannot be stopped there with --preempt ${preempt}\n`);
  // What safepoints do not stop stands in one instruction or host function.
  const why =
    preempt === 'safepoints' ? 'it may wait in shared memory for another thread' : '--preempt safepoints can stop it';
  say(`  ended without a summary; ${why}\n`);
  return EXIT_TIMEOUT;
}
