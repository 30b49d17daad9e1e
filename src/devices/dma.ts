/**
 * Direct memory access: channels 0 … 7 that move bytes while the core does something else, and pend their line when they
 * are done. A channel copies a block of memory, or stores a sample of the ADC at each expiry of a timer, once or round
 * and round a buffer, telling of each half that is full.
 *
 * A copy takes a word time for each four bytes and happens as a whole at its end: firmware that looks before sees nothing
 * of it. Leaves out transfers to and from serial ports, priorities between channels, and the bus they would share.
 */
import type { Alarm } from '../clock/alarms.ts';
import type { Instant } from '../clock/instant.ts';
import type { LineNumber } from '../interrupts/exceptions.ts';
import type { Adc } from './adc.ts';
import type { Board, Device, DeviceAccount } from './device.ts';
import type { Timers } from './timer.ts';

export const DMA_CHANNEL_COUNT = 8;

/** Samples are u16, little-endian. */
export const SAMPLE_BYTES = 2;

export interface DmaConfig {
  /** What each channel pends. */
  readonly lines: readonly LineNumber[];
  /** How long four bytes take, in ns: one cycle unless said. */
  readonly wordTime: number;
}

interface Copy {
  readonly to: number;
  readonly from: number;
  readonly length: number;
}

interface Sampling {
  readonly to: number;
  readonly count: number;
  readonly circular: boolean;
  readonly timer: number;
  readonly input: number;
  /** The sample that comes next. */
  next: number;
}

interface Channel {
  readonly line: LineNumber;
  readonly source: string;
  readonly alarm: Alarm;
  copy: Copy | undefined;
  sampling: Sampling | undefined;
}

export class Dma implements Device {
  readonly #board: Board;
  readonly #config: DmaConfig;
  readonly #adc: Adc;
  readonly #timers: Timers;
  readonly #channels: readonly Channel[];
  #copied = 0;
  #samples = 0;
  #aborted = 0;

  constructor(board: Board, config: DmaConfig, adc: Adc, timers: Timers) {
    this.#board = board;
    this.#config = config;
    this.#adc = adc;
    this.#timers = timers;
    this.#channels = config.lines.map((line, id) => {
      const channel: Channel = {
        line,
        source: `dma ${id}`,
        alarm: board.alarm(() => this.#finishCopy(channel)),
        copy: undefined,
        sampling: undefined,
      };
      return channel;
    });
  }

  isBusy(id: number): boolean {
    const { copy, sampling } = this.#channels[id]!;
    return copy !== undefined || sampling !== undefined;
  }

  /** Samples until the end of the buffer, bytes until the end of the copy; 0 when the channel is idle. */
  remaining(id: number): number {
    const { copy, sampling } = this.#channels[id]!;
    return sampling === undefined ? (copy?.length ?? 0) : sampling.count - sampling.next;
  }

  /** Starts to copy a block. Both lie in memory and the channel is idle: the caller sees to that. */
  copy(id: number, to: number, from: number, length: number): void {
    const channel = this.#channels[id]!;
    channel.copy = { to, from, length };
    channel.alarm.after(Math.ceil(Math.ceil(length / 4) * this.#config.wordTime));
  }

  /**
   * Stores `count` samples of an ADC channel from address `to` on, one at each expiry of the timer, which then pends no
   * line of its own. `circular`: begins again at the end, until it is stopped.
   */
  sample(id: number, options: Omit<Sampling, 'next'>): void {
    const channel = this.#channels[id]!;
    channel.sampling = { ...options, next: 0 };
    this.#timers.feed(options.timer, (at) => this.#takeSample(channel, at));
  }

  /** Stops the channel where it is. A copy that is not done leaves no trace, and counts as aborted. */
  stop(id: number): void {
    const channel = this.#channels[id]!;
    if (channel.copy !== undefined) this.#aborted++;
    if (channel.sampling !== undefined) this.#timers.feed(channel.sampling.timer, undefined);
    channel.copy = undefined;
    channel.sampling = undefined;
    channel.alarm.cancel();
  }

  reset(): void {
    for (let id = 0; id < this.#channels.length; id++) this.stop(id);
  }

  account(): DeviceAccount {
    return { copied: this.#copied, samples: this.#samples, aborted: this.#aborted };
  }

  #finishCopy(channel: Channel): void {
    const { to, from, length } = channel.copy!;
    channel.copy = undefined;
    const source = this.#board.memory(from, length);
    const target = this.#board.memory(to, length);
    if (source === undefined || target === undefined) {
      this.#abort(channel);
      return;
    }
    target.set(source); // as memmove: the source is read as a whole
    this.#copied += length;
    this.#board.pend(channel.line, channel.source);
  }

  #takeSample(channel: Channel, at: Instant): void {
    const { sampling } = channel;
    if (sampling === undefined) return;
    const value = this.#adc.read(sampling.input, at);
    const place = this.#board.memory(sampling.to + sampling.next * SAMPLE_BYTES, SAMPLE_BYTES);
    if (place === undefined) {
      this.#abort(channel);
      return;
    }
    place[0] = value & 0xff;
    place[1] = value >> 8;
    this.#samples++;
    sampling.next++;
    const half = sampling.next === sampling.count >> 1;
    const full = sampling.next === sampling.count;
    if (full && sampling.circular) sampling.next = 0;
    else if (full) this.#release(channel, sampling);
    if (full || (half && sampling.circular)) this.#board.pend(channel.line, channel.source);
  }

  #release(channel: Channel, sampling: Sampling): void {
    channel.sampling = undefined;
    this.#timers.feed(sampling.timer, undefined);
  }

  /** The memory is gone: the firmware has been restarted with less. */
  #abort(channel: Channel): void {
    this.#aborted++;
    if (channel.sampling !== undefined) this.#release(channel, channel.sampling);
  }
}
