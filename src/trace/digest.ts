/**
 * The digest of a run: one SHA-256 (FIPS 180-4) that is the same whenever the run is the same.
 * Taken over the event log in its canonical form and over what the guest wrote, each stream by itself, so that it does
 * not matter in how large pieces the guest's output was handed on.
 */
import { createHash } from 'node:crypto';
import type { MachineEvent } from '../machine/events.ts';
import { formatEvent } from './jsonl.ts';

/** Changes when the same run would get another digest; part of what is hashed. */
const FORMAT = 'wirq run digest 1';

export class RunDigest {
  readonly #events = createHash('sha256');
  readonly #stdout = createHash('sha256');
  readonly #stderr = createHash('sha256');

  readonly listener = (event: MachineEvent): void => {
    this.#events.update(`${formatEvent(event)}\n`);
  };

  /** Bytes that the guest wrote, in order. */
  output(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    (stream === 'stdout' ? this.#stdout : this.#stderr).update(bytes);
  }

  /** The digest of everything so far, as 64 hexadecimal digits. May be asked for again later. */
  hex(): string {
    const parts = [this.#events, this.#stdout, this.#stderr].map((hash) => hash.copy().digest('hex'));
    return createHash('sha256')
      .update([FORMAT, ...parts].join('\n'))
      .digest('hex');
  }
}
