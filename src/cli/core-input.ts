/**
 * What reaches a machine in real time from outside: signals; input, for its serial port or as standard input; and the
 * requests of programs that drive it.
 */
import type { ControlSession } from '../control/session.ts';
import { WASI_MODULE } from '../guests/wasi.ts';
import type { CoreLink } from '../host/core-link.ts';
import type { Machine } from '../machine/machine.ts';

export interface InputOptions {
  readonly machine: Machine;
  /** Input is for the serial port. */
  readonly serial: boolean;
  /** This process's standard input is not the guest's. */
  readonly spokenFor: boolean;
  readonly session: ControlSession | undefined;
}

export class CoreInput {
  readonly #chunks: Uint8Array[] = [];
  #ended = false;

  /** Begins to pass on what arrives. */
  connect(core: CoreLink, { machine, serial, spokenFor, session }: InputOptions): void {
    core.onPend = (line) => machine.raise(line);
    core.open(
      (message, asleep) => {
        switch (message.kind) {
          case 'signal':
            return machine.signal(message.signal);
          case 'input':
            return serial ? machine.writeSerial(message.bytes) : this.write(message.bytes);
          case 'input-end':
            return this.write(undefined);
          case 'request':
            return session?.request(message, asleep);
          case 'gone':
            return session?.gone(message.client);
          case 'control-end':
            if (spokenFor) this.write(undefined);
        }
      },
      !spokenFor && (serial || readsInput(machine)),
    );
  }

  /** More of standard input; undefined for its end. */
  write(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.#ended = true;
    else if (bytes.length > 0 && !this.#ended) this.#chunks.push(bytes);
  }

  /** Standard input as the machine takes it: empty when nothing has arrived yet, undefined at its end. */
  readonly read = (max: number): Uint8Array | undefined => {
    const [first] = this.#chunks;
    if (first === undefined) return this.#ended ? undefined : new Uint8Array(0);
    if (first.length <= max) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(max);
    return first.subarray(0, max);
  };
}

/** Whether the guest is a program that reads its standard input. */
export function readsInput(machine: Machine): boolean {
  return machine.module.imports.some(
    (each) => each.module === WASI_MODULE && ['fd_read', 'poll_oneoff'].includes(each.name),
  );
}
