/**
 * An analogue-to-digital converter: channels 0 … 15, each with a waveform at its input, converted to a whole number of
 * steps of the reference voltage. A conversion takes no time and has no noise of its own.
 * Leaves out sequences, thresholds and oversampling; sampling at a rate is what a timer and a DMA channel do (dma.ts).
 */
import type { Instant } from '../clock/instant.ts';
import type { Board, Device, DeviceAccount } from './device.ts';
import { voltageAt, type Waveform } from './waveform.ts';

export const ADC_CHANNEL_COUNT = 16;
export const DEFAULT_ADC_BITS = 12;
export const DEFAULT_REFERENCE_VOLTS = 3.3;
export const MAX_ADC_BITS = 16;

export interface AdcConfig {
  /** Resolution: results are 0 … 2^bits − 1. */
  readonly bits?: number | undefined;
  /** The voltage of the highest result. */
  readonly reference?: number | undefined;
  /** What channels see; 0 V where nothing is said. */
  readonly channels?: ReadonlyMap<number, Waveform> | undefined;
}

const SILENCE: Waveform = { kind: 'constant', volts: 0 };

export class Adc implements Device {
  readonly #board: Board;
  readonly #highest: number;
  readonly #reference: number;
  readonly #channels: Waveform[];
  #conversions = 0;
  #clipped = 0;

  constructor(board: Board, config: AdcConfig = {}) {
    this.#board = board;
    this.#highest = 2 ** (config.bits ?? DEFAULT_ADC_BITS) - 1;
    this.#reference = config.reference ?? DEFAULT_REFERENCE_VOLTS;
    this.#channels = Array.from({ length: ADC_CHANNEL_COUNT }, (_, at) => config.channels?.get(at) ?? SILENCE);
  }

  /** Puts another waveform at the input of a channel. */
  connect(channel: number, waveform: Waveform): void {
    this.#channels[channel] = waveform;
  }

  /** Converts what the channel sees, now or at a moment. Voltages beyond the range give its ends, and count as clipped. */
  read(channel: number, at: Instant = this.#board.now()): number {
    const volts = voltageAt(this.#channels[channel]!, at);
    const steps = Math.round((volts / this.#reference) * this.#highest);
    this.#conversions++;
    if (steps >= 0 && steps <= this.#highest) return steps;
    this.#clipped++;
    return steps < 0 ? 0 : this.#highest;
  }

  account(): DeviceAccount {
    return { conversions: this.#conversions, clipped: this.#clipped };
  }
}
