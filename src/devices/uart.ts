/**
 * Serial ports: bytes out to whoever listens, bytes in to a receive FIFO whose filling pends the port's line.
 * With a baud rate each byte takes its ten bit times on the wire (start, eight data, stop: 8N1), FIFOs are finite, and
 * what finds the receive FIFO full is lost and counted as an overrun. Without one everything is there at once.
 * Leaves out parity, other frame lengths, and flow control.
 */
import type { Alarm } from '../clock/alarms.ts';
import { WirqError } from '../errors.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Board, Device, DeviceAccount } from './device.ts';

export const PORT_COUNT = 4;
/** A receive queue longer than this is a runaway script, not a serial line. */
export const MAX_QUEUED_BYTES = 1 << 20;
/** FIFOs of a port that has a baud rate: as the 16550's. */
export const DEFAULT_FIFO_BYTES = 16;

const BITS_PER_BYTE = 10;

/** Bits of `uart_status`; the first two are cleared by asking. */
export const UART_STATUS = { overrun: 1, framingError: 2, received: 4, idle: 8, full: 16 } as const;

export interface UartConfig {
  readonly line: LineNumber;
  /** Pended when the last byte has left; undefined for ports that nobody waits for. */
  readonly sentLine?: LineNumber | undefined;
  /** Bits per second; undefined for a port without delays. */
  readonly baud?: number | undefined;
  /** Bytes that each FIFO holds. */
  readonly fifo?: number | undefined;
}

export class Uart implements Device {
  readonly port: number;
  readonly line: LineNumber;
  readonly #board: Board;
  readonly #config: UartConfig;
  readonly #listeners: ((bytes: Uint8Array) => void)[] = [];
  /** Bytes that the outside has sent and that have not arrived yet. */
  readonly #wire = new ByteQueue(MAX_QUEUED_BYTES);
  readonly #received: ByteQueue;
  readonly #sending = new ByteQueue(MAX_QUEUED_BYTES);
  readonly #arrival: Alarm;
  readonly #departure: Alarm;
  /** Bursts count from their beginning, so that a byte time that is no whole number of ns does not drift. */
  #arrivedInBurst = 0;
  #arrivalsBegan = 0;
  #departedInBurst = 0;
  #departuresBegan = 0;
  #status = 0;
  #sent = 0;
  #arrived = 0;
  #overruns = 0;
  #framingErrors = 0;
  #flushed = 0;

  constructor(board: Board, port: number, config: UartConfig) {
    this.#board = board;
    this.port = port;
    this.line = config.line;
    this.#config = config;
    const fifo = config.fifo ?? (config.baud === undefined ? MAX_QUEUED_BYTES : DEFAULT_FIFO_BYTES);
    this.#received = new ByteQueue(fifo);
    this.#arrival = board.alarm(() => this.#arrive());
    this.#departure = board.alarm(() => this.#depart());
  }

  /** Bytes that have left since reset. */
  get sentBytes(): number {
    return this.#sent;
  }

  /** Bytes waiting for the guest to read them. */
  get available(): number {
    return this.#received.length;
  }

  /** Hears every byte that the guest sends, when it has left. The array belongs to the listener. */
  onTransmit(listener: (bytes: Uint8Array) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * The guest sends. @returns how many bytes were taken: all of them, or as many as the transmit FIFO had room for.
   * @param patient they queue up however many they are: the mailbox, which cannot ask again.
   */
  transmit(bytes: Uint8Array, patient = false): number {
    if (bytes.length === 0) return 0;
    if (this.#config.baud === undefined) {
      this.#emitSent(bytes);
      return bytes.length;
    }
    const capacity = patient ? MAX_QUEUED_BYTES : (this.#config.fifo ?? DEFAULT_FIFO_BYTES);
    const taken = Math.max(0, Math.min(bytes.length, capacity - this.#sending.length));
    for (let at = 0; at < taken; at++) this.#sending.push(bytes[at]!);
    if (!this.#departure.isSet && taken > 0) {
      this.#departedInBurst = 0;
      this.#departuresBegan = this.#board.now();
      this.#departure.at(this.#departuresBegan + this.#byteTimes(1));
    }
    return taken;
  }

  /**
   * Bytes arrive from outside: at once, or one after the other as the baud rate has it. Each arrival pends the port's line.
   * @param damaged their stop bits are missing: the port takes them, and says that their frames were wrong.
   */
  receive(bytes: Uint8Array, damaged = false): void {
    if (bytes.length === 0) return;
    const queue = this.#config.baud === undefined && this.#config.fifo === undefined ? this.#received : this.#wire;
    if (queue.room < bytes.length) {
      throw new WirqError('limit', `serial port ${this.port} has more than ${MAX_QUEUED_BYTES} unread bytes`, {
        advice: 'the guest does not read its port (uart_read), or the input is larger than any serial line would carry',
      });
    }
    for (let at = 0; at < bytes.length; at++) this.#wire.push(bytes[at]!, damaged);
    if (this.#board.observed) {
      const details = { port: this.port, text: latin1(bytes) };
      this.#board.emit('uart-rx', damaged ? { ...details, damaged } : details);
    }
    if (this.#config.baud === undefined) {
      while (this.#wire.length > 0) this.#accept();
      this.#board.pend(this.line, `uart ${this.port}`);
    } else if (!this.#arrival.isSet) {
      this.#arrivedInBurst = 0;
      this.#arrivalsBegan = this.#board.now();
      this.#arrival.at(this.#arrivalsBegan + this.#byteTimes(1));
    }
  }

  /** The guest reads: up to `into.length` bytes. @returns how many there were. */
  read(into: Uint8Array): number {
    return this.#received.read(into);
  }

  /** The guest asks: bits of UART_STATUS. Errors are told once. */
  takeStatus(): number {
    const { baud, fifo = DEFAULT_FIFO_BYTES } = this.#config;
    const received = this.available > 0 ? UART_STATUS.received : 0;
    const idle = this.#sending.length === 0 ? UART_STATUS.idle : 0;
    const full = baud !== undefined && this.#sending.length >= fifo ? UART_STATUS.full : 0;
    const errors = this.#status;
    this.#status = 0;
    return errors | received | idle | full;
  }

  /** What stands in the FIFOs is lost, and counted; what is still on the wire arrives all the same. */
  reset(): void {
    this.#flushed += this.#received.clear() + this.#sending.clear();
    this.#departure.cancel();
    this.#status = 0;
  }

  /** arrived = read by the guest + available + overruns + flushed (of those received). */
  account(): DeviceAccount {
    return {
      sent: this.#sent,
      arrived: this.#arrived,
      overruns: this.#overruns,
      framingErrors: this.#framingErrors,
      flushed: this.#flushed,
    };
  }

  /** How long `bytes` bytes take on the wire, in whole ns. */
  #byteTimes(bytes: number): number {
    return Math.floor((bytes * BITS_PER_BYTE * 1e9) / this.#config.baud!);
  }

  #arrive(): void {
    this.#arrivedInBurst++;
    this.#accept();
    this.#board.pend(this.line, `uart ${this.port}`);
    if (this.#wire.length > 0) this.#arrival.at(this.#arrivalsBegan + this.#byteTimes(this.#arrivedInBurst + 1));
  }

  /** Takes a byte off the wire into the FIFO, if there is room. */
  #accept(): void {
    const { byte, marked } = this.#wire.shift();
    this.#arrived++;
    if (marked) {
      this.#framingErrors++;
      this.#status |= UART_STATUS.framingError;
    }
    if (this.#received.room > 0) {
      this.#received.push(byte, marked);
      return;
    }
    this.#overruns++;
    this.#status |= UART_STATUS.overrun;
    this.#board.emit('device', { device: `uart ${this.port}`, what: 'overrun', byte });
  }

  #depart(): void {
    this.#departedInBurst++;
    const { byte } = this.#sending.shift();
    this.#emitSent(Uint8Array.of(byte));
    if (this.#sending.length > 0) {
      this.#departure.at(this.#departuresBegan + this.#byteTimes(this.#departedInBurst + 1));
    } else if (this.#config.sentLine !== undefined) {
      this.#board.pend(this.#config.sentLine, `uart ${this.port} sent`);
    }
  }

  #emitSent(bytes: Uint8Array): void {
    this.#sent += bytes.length;
    if (this.#board.observed) this.#board.emit('uart-tx', { port: this.port, text: latin1(bytes) });
    for (const listener of this.#listeners) listener(bytes);
  }
}

/** As many arguments as every engine takes in one call. */
const CHARACTERS_AT_ONCE = 1 << 12;

/** Every byte as the character of its number, so that logs show binary output without loss. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE) {
    const some: ArrayLike<number> = bytes.subarray(at, at + CHARACTERS_AT_ONCE);
    // Not spread into arguments, which goes through an iterator.
    text += String.fromCharCode.apply(undefined, some as number[]);
  }
  return text;
}
