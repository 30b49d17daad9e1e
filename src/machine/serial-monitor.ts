/**
 * What a script sees of a serial port: text is looked for in what was sent, and finding it consumes it, so that a
 * second wait for the same word waits for its second occurrence.
 */
import { latin1 } from '../devices/uart.ts';

/** More unmatched output than this is forgotten from its beginning; a wait looks for short words. */
const MAX_KEPT = 1 << 20;

export class SerialMonitor {
  #unread = '';
  #searched = 0;

  receive(bytes: Uint8Array): void {
    this.#unread += latin1(bytes);
    if (this.#unread.length > 2 * MAX_KEPT) {
      const dropped = this.#unread.length - MAX_KEPT;
      this.#unread = this.#unread.slice(dropped);
      this.#searched = Math.max(0, this.#searched - dropped);
    }
  }

  /** Looks for `text` (as UTF-8) in what has not been consumed, and consumes it up to its end. */
  take(text: string): boolean {
    const wanted = latin1(new TextEncoder().encode(text));
    if (wanted === '') return true;
    const at = this.#unread.indexOf(wanted, Math.max(0, this.#searched - wanted.length + 1));
    if (at < 0) {
      this.#searched = this.#unread.length;
      return false;
    }
    this.#unread = this.#unread.slice(at + wanted.length);
    this.#searched = 0;
    return true;
  }

  /** Restarts the search for another text from the first unconsumed byte. */
  rewind(): void {
    this.#searched = 0;
  }

  /** The end of what has not been consumed, for messages. */
  tail(length: number): string {
    return this.#unread.slice(-length);
  }
}
