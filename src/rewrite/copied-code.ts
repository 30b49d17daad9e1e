/**
 * Code on its way into a new body: what stands unchanged is copied in runs, as long as possible, and each run is noted for the
 * map of offsets.
 */
import { assert } from '../assert.ts';
import type { Writer } from '../wasm/writer.ts';
import { Numbers } from './numbers.ts';

export class CopiedCode {
  /** What the body is written into, behind what is there already. */
  readonly body: Writer;
  /** Copied runs: old offset in the module, new offset in the body, length; flat. */
  readonly runs = new Numbers();
  readonly #bytes: Uint8Array;
  /** Where the body begins. */
  #start = 0;
  /** Start of what is not copied yet. */
  #from = 0;

  constructor(bytes: Uint8Array, body: Writer) {
    this.#bytes = bytes;
    this.body = body;
  }

  /** Another body begins. */
  begin(): void {
    this.#start = this.body.length;
    this.runs.length = 0;
  }

  copy(start: number, end: number): void {
    if (start === end) return;
    this.#note(start, end - start);
    this.body.copy(this.#bytes, start, end);
  }

  /** Copies what stands before `to`; what comes next is written from there. */
  flush(to: number): void {
    assert(to >= this.#from, 'code is copied forwards');
    this.copy(this.#from, to);
    this.#from = to;
  }

  /** Goes on from elsewhere: what is between was written in another way, or is written once more. */
  goOnFrom(offset: number): void {
    this.#from = offset;
  }

  /** What is written next stands for the instruction at this offset: what points at one has to find the other. */
  standsFor(start: number): void {
    this.#note(start, 1);
  }

  #note(start: number, length: number): void {
    this.runs.push(start);
    this.runs.push(this.body.length - this.#start);
    this.runs.push(length);
  }
}
