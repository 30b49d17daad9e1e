/** `--control`: how programs are greeted, and the session that answers them. Loaded only where there is one. */
import { basename } from 'node:path';
import { ControlSession, PROTOCOL } from '../control/session.ts';
import type { CoreLink } from '../host/core-link.ts';
import type { Machine } from '../machine/machine.ts';
import { type CoreInput, readsInput } from './core-input.ts';
import type { RunOptions } from './run-options.ts';
import { version } from './version.ts';

/** The first line that a program is sent. */
export function greeting(options: RunOptions): string {
  return JSON.stringify({ wirq: version(), protocol: PROTOCOL, file: basename(options.file) });
}

export function controlSession(
  options: RunOptions,
  machine: Machine,
  core: CoreLink,
  input: CoreInput,
): ControlSession {
  return new ControlSession({
    machine,
    transport: core,
    surroundings: { clock: options.clock, preempt: options.machine.preempt ?? 'safepoints' },
    writeStdin: readsInput(machine) ? (bytes) => input.write(bytes) : undefined,
  });
}
