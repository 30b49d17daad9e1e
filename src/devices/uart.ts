/**
 * Serial ports: bytes out to whoever listens, bytes in to a receive queue whose filling pends the port's line.
 * First form: no baud rate and no errors; what arrives is there at once, what is sent is out at once.
 */
import { WirqError } from '../errors.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Board } from './device.ts';

export const PORT_COUNT = 4;
/** A receive queue longer than this is a runaway script, not a serial line. */
export const MAX_QUEUED_BYTES = 1 << 20;

export class Uart {
  readonly port: number;
  readonly line: LineNumber;
  readonly #board: Board;
  readonly #listeners: ((bytes: Uint8Array) => void)[] = [];
  #queue: Uint8Array = new Uint8Array(64);
  #head = 0;
  #tail = 0;
  #sent = 0;

  constructor(board: Board, port: number, line: LineNumber) {
    this.#board = board;
    this.port = port;
    this.line = line;
  }

  /** Bytes the guest has sent since reset. */
  get sentBytes(): number {
    return this.#sent;
  }

  /** Bytes waiting for the guest to read them. */
  get available(): number {
    return this.#tail - this.#head;
  }

  /** Hears every byte that the guest sends. The array belongs to the listener. */
  onTransmit(listener: (bytes: Uint8Array) => void): void {
    this.#listeners.push(listener);
  }

  /** The guest sends. */
  transmit(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#sent += bytes.length;
    if (this.#board.observed) this.#board.emit('uart-tx', { port: this.port, text: latin1(bytes) });
    for (const listener of this.#listeners) listener(bytes);
  }

  /** Bytes arrive from outside: they queue up, and the port's line pends. */
  receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.available + bytes.length > MAX_QUEUED_BYTES) {
      throw new WirqError('limit', `serial port ${this.port} has more than ${MAX_QUEUED_BYTES} unread bytes`, {
        advice: 'the guest does not read its port (uart_read), or the input is larger than any serial line would carry',
      });
    }
    this.#makeRoom(bytes.length);
    this.#queue.set(bytes, this.#tail);
    this.#tail += bytes.length;
    if (this.#board.observed) this.#board.emit('uart-rx', { port: this.port, text: latin1(bytes) });
    this.#board.pend(this.line, `uart ${this.port}`);
  }

  /** The guest reads: up to `into.length` bytes. @returns how many there were. */
  read(into: Uint8Array): number {
    const count = Math.min(into.length, this.available);
    into.set(this.#queue.subarray(this.#head, this.#head + count));
    this.#head += count;
    if (this.#head === this.#tail) this.#head = this.#tail = 0;
    return count;
  }

  #makeRoom(bytes: number): void {
    if (this.#tail + bytes <= this.#queue.length) return;
    const needed = this.available + bytes;
    const roomier = needed > this.#queue.length ? new Uint8Array(2 ** Math.ceil(Math.log2(needed))) : this.#queue;
    const waiting = this.#queue.subarray(this.#head, this.#tail);
    if (roomier === this.#queue) this.#queue.copyWithin(0, this.#head, this.#tail);
    else roomier.set(waiting);
    this.#tail = waiting.length;
    this.#head = 0;
    this.#queue = roomier;
  }
}

/** Every byte as the character of its number, so that logs show binary output without loss. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}
