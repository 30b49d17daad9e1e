/** What reaches a machine in real time from outside: signals, and input, for its serial port or as standard input. */
import { WASI_MODULE } from '../guests/wasi.ts';
import type { CoreLink } from '../host/core-link.ts';
import type { Machine } from '../machine/machine.ts';

export class CoreInput {
  readonly #chunks: Uint8Array[] = [];
  #ended = false;

  /** Begins to pass on what arrives. `serial`: input is for the serial port. */
  connect(core: CoreLink, machine: Machine, serial: boolean): void {
    const reads = machine.module.imports.some(
      (each) => each.module === WASI_MODULE && ['fd_read', 'poll_oneoff'].includes(each.name),
    );
    core.open((message) => {
      if (message.kind === 'signal') machine.signal(message.signal);
      else if (message.kind === 'input-end') this.#ended = true;
      else if (serial) machine.writeSerial(message.bytes);
      else this.#chunks.push(message.bytes);
    }, serial || reads);
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
