/**
 * What a script sees of a serial port: text is looked for in what was sent, and finding it consumes it, so that a
 * second wait for the same word waits for its second occurrence. Kept as bytes, each of which is copied and searched a
 * few times at most, however much comes in however small pieces: most output is never looked at.
 */
import { latin1 } from '../devices/uart.ts';

/** More unmatched output than this is forgotten from its beginning; a wait looks for short words. */
const MAX_KEPT = 1 << 20;
const FIRST_BYTES = 1 << 8;

export class SerialMonitor {
  #bytes = new Uint8Array(FIRST_BYTES);
  /** What has not been consumed lies from here to `#end`. */
  #start = 0;
  #end = 0;
  /** No match begins before this. */
  #searched = 0;

  receive(bytes: Uint8Array): void {
    const kept = bytes.length > MAX_KEPT ? bytes.subarray(bytes.length - MAX_KEPT) : bytes;
    if (kept !== bytes) this.#start = this.#searched = this.#end;
    if (this.#end + kept.length > this.#bytes.length) this.#makeRoom(kept.length);
    this.#bytes.set(kept, this.#end);
    this.#end += kept.length;
  }

  /** Looks for `text` (as UTF-8) in what has not been consumed, and consumes it up to its end. */
  take(text: string): boolean {
    const wanted = new TextEncoder().encode(text);
    if (wanted.length === 0) return true;
    const at = this.#find(wanted);
    if (at === undefined) {
      this.#searched = Math.max(this.#searched, this.#end - wanted.length + 1);
      return false;
    }
    this.#start = at + wanted.length;
    this.#searched = this.#start;
    return true;
  }

  /** Restarts the search for another text from the first unconsumed byte. */
  rewind(): void {
    this.#searched = this.#start;
  }

  /** The end of what has not been consumed, for messages. */
  tail(length: number): string {
    return latin1(this.#bytes.subarray(Math.max(this.#start, this.#end - length), this.#end));
  }

  #find(wanted: Uint8Array): number | undefined {
    const bytes = this.#bytes.subarray(0, this.#end);
    for (let at = this.#searched; ; at++) {
      at = bytes.indexOf(wanted[0]!, at);
      if (at < 0 || at + wanted.length > bytes.length) return undefined;
      let same = 1;
      while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
      if (same === wanted.length) return at;
    }
  }

  /** Moves what is kept to the front, into twice the space where there is little else to gain. */
  #makeRoom(more: number): void {
    const start = Math.max(this.#start, this.#end - MAX_KEPT);
    const kept = this.#bytes.subarray(start, this.#end);
    const needed = Math.min(2 * (kept.length + more), 4 * MAX_KEPT);
    if (needed > this.#bytes.length) this.#bytes = new Uint8Array(needed);
    this.#bytes.set(kept, 0);
    this.#searched = Math.max(this.#searched - start, 0);
    this.#start = 0;
    this.#end = kept.length;
  }
}
