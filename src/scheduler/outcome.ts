/** How a run can end, and the exit code that says so to a shell (design of the command line: 128+n, 134, 124, 1 …). */
import { unreachable } from '../assert.ts';
import { formatDuration, type Instant } from '../clock/instant.ts';

/** A function on the guest's stack, innermost first. `offset` is in the user's file. */
export interface Frame {
  readonly function: string;
  readonly offset: number | undefined;
  /** The place in the user's source, where the module's debug information says; line and column count from 1. */
  readonly source?: { readonly file: string; readonly line: number; readonly column?: number | undefined } | undefined;
}

export type Outcome =
  /** The guest ended by itself: `proc_exit`, the outbox, or its entry returned. */
  | { readonly kind: 'exit'; readonly code: number }
  /** A signal with no handler ended it. A fault has a message, and the place it happened at. */
  | {
      readonly kind: 'signal';
      readonly signal: number;
      readonly name: string;
      readonly message?: string | undefined;
      readonly backtrace?: readonly Frame[] | undefined;
    }
  /** A trap, an uncaught exception, an abort, a fault with no handler: the guest did what it may not. */
  | {
      readonly kind: 'trap';
      readonly message: string;
      readonly advice?: string | undefined;
      readonly backtrace: readonly Frame[];
      /** In a lock-up: the fault whose handler faulted. */
      readonly handled?: { readonly message: string; readonly backtrace: readonly Frame[] } | undefined;
    }
  /** A limit of the run was reached: machine time, wall time, or instructions. */
  | {
      readonly kind: 'timeout';
      readonly limit: 'machine' | 'wall' | 'instructions' | 'handler';
      readonly message: string;
    }
  /** The guest waits, and nothing is left that could wake it. */
  | { readonly kind: 'deadlock'; readonly message: string }
  /** The guest has returned to its board, and nothing is left that could call it. */
  | { readonly kind: 'idle' }
  /** The script or scenario ran to its end before the guest did. */
  | { readonly kind: 'finished' }
  /** Somebody looked at the run no further: the replay of a recording, which goes on or just ends there. */
  | { readonly kind: 'stopped'; readonly message: string };

/** Where periodic events would go on for ever. */
export const END_OF_TIME: Outcome = {
  kind: 'timeout',
  limit: 'machine',
  message: 'machine time has come to its end, after about 104 days',
};

/** A trap, a fault, a deadlock: what a shell shows for SIGABRT. */
export const EXIT_TRAP = 134;
/** As timeout(1). */
export const EXIT_TIMEOUT = 124;

/** The exit code of a run that met all its expectations. A guest's own code keeps its low 8 bits, as in a shell. */
export function exitCode(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'exit':
      return outcome.code & 0xff;
    case 'signal':
      return 128 + outcome.signal;
    case 'trap':
    case 'deadlock':
      return EXIT_TRAP;
    case 'timeout':
      return EXIT_TIMEOUT;
    case 'idle':
    case 'finished':
    case 'stopped':
      return 0;
    default:
      return unreachable(outcome);
  }
}

/** Why nothing can go on; `nextCount`: the instruction count of an event that will not come, `waiting`: who waits for what. */
export function explainDeadlock(now: Instant, nextCount: number | undefined, waiting: string | undefined): string {
  const stranded =
    nextCount === undefined
      ? ''
      : `; an event at instruction ${nextCount} cannot come, because a waiting guest executes none`;
  const who = waiting === undefined ? '' : ` (${waiting})`;
  return `the guest waits since ${formatDuration(now)}${who}, and nothing is left that could wake it${stranded}`;
}

/** In a few words, for messages: `exit 3`, `killed by SIGTERM`, `trap: unreachable`. */
export function describeEnd(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'exit':
      return `exit ${outcome.code}`;
    case 'signal':
      return `killed by ${outcome.name}${outcome.message === undefined ? '' : `: ${outcome.message}`}`;
    case 'trap':
    case 'timeout':
    case 'deadlock':
    case 'stopped':
      return `${outcome.kind}: ${outcome.message}`;
    default:
      return outcome.kind;
  }
}
