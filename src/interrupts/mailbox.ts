/**
 * The host's side of a mailbox in the guest's memory: posts interrupts and signals, takes what the guest answers.
 * Every index that the guest can reach is checked before use, and that the header still says what it said at the start: a
 * broken one stops the machine, never writes wild.
 *
 * Pending bits are set by atomic OR and counters are read afresh, so that the same code serves shared memory.
 */
import { assert } from '../assert.ts';
import { WirqError } from '../errors.ts';
import {
  ALIGNMENT,
  bytesBeforeRings,
  ENTRY,
  ENTRY_BYTES,
  HEADER_BYTES,
  INBOX_KIND,
  MAGIC,
  MAX_CAPACITY,
  MAX_WORDS,
  OFFSET,
  VERSION,
} from './mailbox-layout.ts';

/** What the guest put into its outbox. `value` is unsigned. */
export interface OutboxEntry {
  kind: number;
  number: number;
  value: bigint;
}

export class Mailbox {
  readonly #memory: WebAssembly.Memory;
  readonly #address: number;
  readonly #words: number;
  readonly #inboxCapacity: number;
  readonly #outboxCapacity: number;
  /** What nobody may change while the block is in use. */
  readonly #fixed: readonly { readonly name: string; readonly offset: number; readonly value: number }[];
  #view: DataView;
  #ints: Int32Array;
  #through: (post: () => boolean) => boolean = (post) => post();
  #posted = 0;
  #overruns = 0;

  private constructor(memory: WebAssembly.Memory, address: number) {
    this.#memory = memory;
    this.#address = address;
    this.#view = new DataView(memory.buffer);
    this.#ints = new Int32Array(memory.buffer);
    this.#words = this.#read(OFFSET.words);
    this.#inboxCapacity = this.#read(OFFSET.inboxCapacity);
    this.#outboxCapacity = this.#read(OFFSET.outboxCapacity);
    this.#fixed = [
      { name: 'magic', offset: OFFSET.magic, value: MAGIC },
      { name: 'version', offset: OFFSET.version, value: VERSION | (HEADER_BYTES << 16) },
      { name: 'number of words', offset: OFFSET.words, value: this.#words },
      { name: 'inbox capacity', offset: OFFSET.inboxCapacity, value: this.#inboxCapacity },
      { name: 'outbox capacity', offset: OFFSET.outboxCapacity, value: this.#outboxCapacity },
    ];
  }

  /**
   * Formats a block as large as it fits into `bytes` at `address`: all 240 lines, and two rings of equal capacity.
   *
   * @returns undefined when the block is misaligned, does not lie in memory, or is too small for header and bits
   *   (96 bytes); the guest gets EINVAL.
   */
  static format(memory: WebAssembly.Memory, address: number, bytes: number): Mailbox | undefined {
    const ringsAt = bytesBeforeRings(MAX_WORDS);
    if (address % ALIGNMENT !== 0 || bytes < ringsAt || address + bytes > memory.buffer.byteLength) return undefined;
    const capacity = largestPowerOfTwo(Math.floor((bytes - ringsAt) / ENTRY_BYTES / 2));
    new Uint8Array(memory.buffer, address, ringsAt).fill(0);
    const view = new DataView(memory.buffer, address);
    view.setUint32(OFFSET.magic, MAGIC, true);
    view.setUint16(OFFSET.version, VERSION, true);
    view.setUint16(OFFSET.headerBytes, HEADER_BYTES, true);
    view.setUint32(OFFSET.words, MAX_WORDS, true);
    view.setUint32(OFFSET.inboxCapacity, capacity, true);
    view.setUint32(OFFSET.outboxCapacity, capacity, true);
    return new Mailbox(memory, address);
  }

  /** Takes over a block that the module's own data formatted; throws `bad-mailbox` naming the field that is wrong. */
  static adopt(memory: WebAssembly.Memory, address: number): Mailbox {
    const size = memory.buffer.byteLength;
    if (address % ALIGNMENT !== 0) throw broken(address, `its address is not ${ALIGNMENT}-aligned`);
    if (address + HEADER_BYTES > size) throw broken(address, 'its header does not lie in memory');
    const view = new DataView(memory.buffer, address);
    const u32 = (offset: number) => view.getUint32(offset, true);
    if (u32(OFFSET.magic) !== MAGIC) {
      throw broken(address, `its magic is 0x${u32(OFFSET.magic).toString(16)}, not 0x${MAGIC.toString(16)}`);
    }
    const version = view.getUint16(OFFSET.version, true);
    if (version !== VERSION) throw broken(address, `its version is ${version}, not ${VERSION}`);
    const headerBytes = view.getUint16(OFFSET.headerBytes, true);
    if (headerBytes !== HEADER_BYTES)
      throw broken(address, `its header says ${headerBytes} bytes, not ${HEADER_BYTES}`);
    const words = u32(OFFSET.words);
    if (words > MAX_WORDS) throw broken(address, `it has ${words} words of pending bits, more than ${MAX_WORDS}`);
    for (const [name, offset] of [
      ['inbox', OFFSET.inboxCapacity],
      ['outbox', OFFSET.outboxCapacity],
    ] as const) {
      const capacity = u32(offset);
      if (capacity > MAX_CAPACITY || (capacity & (capacity - 1)) !== 0) {
        throw broken(address, `its ${name} capacity is ${capacity}, not 0 or a power of two up to ${MAX_CAPACITY}`);
      }
    }
    const bytes = bytesBeforeRings(words) + (u32(OFFSET.inboxCapacity) + u32(OFFSET.outboxCapacity)) * ENTRY_BYTES;
    if (address + bytes > size) throw broken(address, `its ${bytes} bytes do not lie in memory`);
    return new Mailbox(memory, address);
  }

  get address(): number {
    return this.#address;
  }

  /** Does something around every post: where threads share the block, one posts at a time. */
  postThrough(through: (post: () => boolean) => boolean): void {
    this.#through = through;
  }

  /** Counts what another thread has posted. */
  count(posted: number, overruns: number): void {
    this.#posted += posted;
    this.#overruns += overruns;
  }

  /** Posts since the block was opened, and how many of them found their bit set or the ring full. */
  get account(): { readonly posted: number; readonly overruns: number } {
    return { posted: this.#posted, overruns: this.#overruns };
  }

  /** Posts line `line`. @returns false when it overran: its bit was still set, or the ring was full. */
  postIrq(line: number, timeNs: number): boolean {
    return this.#through(() => this.#postIrq(line, timeNs));
  }

  #postIrq(line: number, timeNs: number): boolean {
    this.#check();
    let clean = true;
    if (line >> 5 < this.#words) {
      const index = (this.#address + HEADER_BYTES) / 4 + (line >> 5);
      const bit = 1 << (line & 31);
      clean = (Atomics.or(this.#ints, index, bit) & bit) === 0;
    } else if (this.#inboxCapacity === 0) {
      clean = false;
    }
    if (this.#inboxCapacity > 0 && !this.#push(INBOX_KIND.irq, line, timeNs, 0n)) clean = false;
    return this.#ring(clean);
  }

  /** Whether a signal has a place here: only in a ring. */
  get takesSignals(): boolean {
    return this.#inboxCapacity > 0;
  }

  /** Posts a signal. There are no bits for signals: without a ring every post is an overrun. */
  postSignal(signal: number, timeNs: number, value: number): boolean {
    return this.#through(() => {
      this.#check();
      const posted =
        this.#inboxCapacity > 0 && this.#push(INBOX_KIND.signal, signal, timeNs, BigInt.asUintN(64, BigInt(value)));
      return this.#ring(posted);
    });
  }

  /** Whether the guest has rung since the last `take`. One load: the scheduler loop calls it each time it runs. */
  get hasMail(): boolean {
    if (this.#outboxCapacity === 0) return false;
    this.#refresh();
    return this.#ints[(this.#address + OFFSET.hostDoorbell) >> 2] !== 0;
  }

  /** Takes all entries of the outbox, in order. The doorbell is cleared first, so that no entry is missed. */
  take(receive: (entry: OutboxEntry) => void): void {
    this.#check();
    this.#write(OFFSET.hostDoorbell, 0);
    let head = this.#read(OFFSET.outboxHead);
    const waiting = (this.#read(OFFSET.outboxTail) - head) >>> 0;
    if (waiting > this.#outboxCapacity) {
      throw broken(this.#address, `its outbox claims ${waiting} entries of ${this.#outboxCapacity}`);
    }
    const ringAt = this.#address + bytesBeforeRings(this.#words) + this.#inboxCapacity * ENTRY_BYTES;
    for (let count = 0; count < waiting; count++) {
      const at = ringAt + (head & (this.#outboxCapacity - 1)) * ENTRY_BYTES;
      const kind = this.#view.getUint32(at + ENTRY.kind, true);
      const number = this.#view.getUint32(at + ENTRY.number, true);
      const value = this.#view.getBigUint64(at + ENTRY.value, true);
      head = (head + 1) >>> 0;
      this.#write(OFFSET.outboxHead, head);
      receive({ kind, number, value });
      this.#refresh();
    }
  }

  /** Counts the post and rings. The doorbell comes last: a guest that sees it finds the entry complete. */
  #ring(clean: boolean): boolean {
    this.#posted++;
    this.#write(OFFSET.posted, (this.#read(OFFSET.posted) + 1) >>> 0);
    if (!clean) {
      this.#overruns++;
      this.#write(OFFSET.overruns, (this.#read(OFFSET.overruns) + 1) >>> 0);
    }
    const doorbell = (this.#address + OFFSET.doorbell) >> 2;
    Atomics.store(this.#ints, doorbell, 1);
    Atomics.notify(this.#ints, doorbell); // a guest with threads may sleep there
    return clean;
  }

  #push(kind: number, number: number, timeNs: number, value: bigint): boolean {
    const tail = this.#read(OFFSET.inboxTail);
    const used = (tail - this.#read(OFFSET.inboxHead)) >>> 0;
    if (used > this.#inboxCapacity) {
      throw broken(this.#address, `its inbox claims ${used} entries of ${this.#inboxCapacity}`);
    }
    if (used === this.#inboxCapacity) return false;
    const at = this.#address + bytesBeforeRings(this.#words) + (tail & (this.#inboxCapacity - 1)) * ENTRY_BYTES;
    this.#view.setUint32(at + ENTRY.kind, kind, true);
    this.#view.setUint32(at + ENTRY.number, number, true);
    this.#view.setBigUint64(at + ENTRY.time, BigInt(timeNs), true);
    this.#view.setBigUint64(at + ENTRY.value, value, true);
    this.#write(OFFSET.inboxTail, (tail + 1) >>> 0);
    return true;
  }

  #read(offset: number): number {
    return Atomics.load(this.#ints, (this.#address + offset) >> 2) >>> 0;
  }

  #write(offset: number, value: number): void {
    Atomics.store(this.#ints, (this.#address + offset) >> 2, value | 0);
  }

  /** A guest that overwrote its header would otherwise read what is posted in other places than it is posted to. */
  #check(): void {
    this.#refresh();
    for (const { name, offset, value } of this.#fixed) {
      const found = this.#read(offset);
      if (found === value) continue;
      throw broken(this.#address, `its ${name} was 0x${value.toString(16)}, and is 0x${found.toString(16)} now`);
    }
  }

  /**
   * Memory that grew leaves the old views empty, or, where it is shared, as long as they were. It never shrinks, so the
   * block that was checked at the start still lies in them.
   */
  #refresh(): void {
    if (this.#ints.length !== 0) return;
    this.#view = new DataView(this.#memory.buffer);
    this.#ints = new Int32Array(this.#memory.buffer);
    assert(this.#address + HEADER_BYTES <= this.#view.byteLength, 'memory does not shrink');
  }
}

function largestPowerOfTwo(limit: number): number {
  if (limit < 1) return 0;
  return Math.min(2 ** Math.floor(Math.log2(limit)), MAX_CAPACITY);
}

function broken(address: number, why: string): WirqError {
  return new WirqError('bad-mailbox', `the mailbox at address 0x${address.toString(16)} is broken: ${why}`, {
    advice: 'its layout is in the documentation of wirq/mailbox and in sdk/c/wirq.h',
  });
}
