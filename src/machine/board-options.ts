/**
 * The devices of a board as options: what a scenario's `machine` section and the library's caller say of them, checked
 * and turned into what the devices take. Everything may be left out; then there is a plain device of each kind.
 */
import { type Duration, parseFrequency } from '../clock/instant.ts';
import { type AdcConfig, DEFAULT_ADC_BITS, DEFAULT_REFERENCE_VOLTS, MAX_ADC_BITS } from '../devices/adc.ts';
import type { Pull } from '../devices/gpio.ts';
import { MAX_QUEUED_BYTES, PORT_COUNT } from '../devices/uart.ts';
import { parseBaud, parseVolts } from '../devices/units.ts';
import type { WatchdogAction, WatchdogConfig } from '../devices/watchdog.ts';
import type { Waveform } from '../devices/waveform.ts';
import { WirqError } from '../errors.ts';
import { checkTime, type Time } from './options.ts';

/** A voltage with its unit as text (`1.65V`, `300mV`), or volts as a number. */
export type Volts = string | number;

export interface UartOptions {
  /** Text such as `115200Bd`, or bits per second. Default: bytes take no time. */
  readonly baud?: string | number | undefined;
  /** Bytes that each FIFO holds. Default 16 with a baud rate, else unlimited. */
  readonly fifo?: number | undefined;
  /** The line to pend when the last byte has left. Default: none. */
  readonly sentLine?: string | number | undefined;
}

/** What an analogue channel sees. */
export type WaveformOptions =
  | { readonly constant: Volts }
  | { readonly ramp: { readonly from: Volts; readonly to: Volts; readonly period: Time } }
  | { readonly sine: { readonly low: Volts; readonly high: Volts; readonly period: Time } }
  | {
      readonly samples: {
        readonly volts: readonly Volts[];
        /** How many a second: `1kHz`. */
        readonly rate: string | number;
        /** Begins again after the last; otherwise the last one stays. Default false. */
        readonly repeat?: boolean | undefined;
      };
    };

export interface BoardOptions {
  /** By port, 0 … 3. */
  readonly uarts?: Readonly<Record<number, UartOptions>> | undefined;
  /** Resistors on the board. */
  readonly pulls?: readonly { readonly pin: string | number; readonly pull: Pull }[] | undefined;
  /** Contacts that bounce for up to `time` after each change from outside. */
  readonly bounces?: readonly { readonly pin: string | number; readonly time: Time }[] | undefined;
  readonly adc?:
    | {
        /** Resolution, 1 … 16. Default 12. */
        readonly bits?: number | undefined;
        /** The voltage of the highest result. Default 3.3 V. */
        readonly reference?: Volts | undefined;
        /** By channel, 0 … 15. Default 0 V. */
        readonly channels?: Readonly<Record<number, WaveformOptions>> | undefined;
      }
    | undefined;
  readonly watchdog?:
    | {
        /** Default `reset`. */
        readonly action?: WatchdogAction | undefined;
        /** Food that comes sooner after the last is refused. */
        readonly window?: Time | undefined;
        /** Starts at every reset, with this timeout. Default: when the firmware starts it. */
        readonly timeout?: Time | undefined;
      }
    | undefined;
  /** `start`: what it shows at machine time 0, as `2026-03-01T12:00:00Z`. Default 2000-01-01T00:00:00Z. */
  readonly rtc?: { readonly start?: string | undefined } | undefined;
  /** `wordTime`: how long a DMA channel takes for four bytes. Default one cycle. */
  readonly dma?: { readonly wordTime?: Time | undefined } | undefined;
}

/** More recorded samples than this belong into a device of one's own. */
export const MAX_SAMPLES = 1 << 20;

export function checkVolts(volts: Volts, what: string): number {
  const value = typeof volts === 'number' ? volts : parseVolts(volts);
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new WirqError('bad-argument', `${what}: ${JSON.stringify(volts)} is not a voltage`, {
    advice: 'write a number with a unit, for example 1.65V or 300mV',
  });
}

export function checkBaud(baud: string | number | undefined): number | undefined {
  if (baud === undefined) return undefined;
  const value = typeof baud === 'number' ? baud : parseBaud(baud);
  if (value !== undefined && Number.isInteger(value) && value >= 1 && value <= 1e9) return value;
  throw new WirqError('bad-argument', `${JSON.stringify(baud)} is not a baud rate`, {
    advice: 'write a whole number with its unit, for example 115200Bd',
  });
}

export function checkUart(port: string, options: UartOptions): { baud: number | undefined; fifo: number | undefined } {
  const number = Number(port);
  if (!(Number.isInteger(number) && number >= 0 && number < PORT_COUNT)) {
    throw new WirqError('bad-argument', `there is no serial port ${port}`, { advice: `ports are 0…${PORT_COUNT - 1}` });
  }
  const { fifo } = options;
  if (fifo !== undefined && !(Number.isInteger(fifo) && fifo >= 1 && fifo <= MAX_QUEUED_BYTES)) {
    throw new WirqError('bad-argument', `serial port ${port}: a FIFO of ${fifo} bytes`, {
      advice: `a FIFO holds 1 to ${MAX_QUEUED_BYTES} bytes`,
    });
  }
  return { baud: checkBaud(options.baud), fifo };
}

export function checkWaveform(options: WaveformOptions): Waveform {
  if ('constant' in options) return { kind: 'constant', volts: checkVolts(options.constant, 'constant') };
  if ('ramp' in options) {
    const { from, to, period } = options.ramp;
    return {
      kind: 'ramp',
      from: checkVolts(from, 'ramp'),
      to: checkVolts(to, 'ramp'),
      period: checkPeriod(period, 'ramp'),
    };
  }
  if ('sine' in options) {
    const { low, high, period } = options.sine;
    return {
      kind: 'sine',
      low: checkVolts(low, 'sine'),
      high: checkVolts(high, 'sine'),
      period: checkPeriod(period, 'sine'),
    };
  }
  const { volts, rate, repeat = false } = options.samples;
  if (volts.length === 0 || volts.length > MAX_SAMPLES) {
    throw new WirqError('bad-argument', `${volts.length} samples are no waveform`, {
      advice: `give 1 to ${MAX_SAMPLES}`,
    });
  }
  const hz = typeof rate === 'number' ? rate : parseFrequency(rate);
  if (hz === undefined || !Number.isInteger(hz) || hz < 1) {
    throw new WirqError('bad-argument', `${JSON.stringify(rate)} is not a rate`, {
      advice: 'write for example 1kHz; a rate is a whole number of hertz',
    });
  }
  return { kind: 'samples', volts: volts.map((each) => checkVolts(each, 'sample')), hz, repeat };
}

export function checkAdc(options: BoardOptions['adc']): AdcConfig {
  const { bits = DEFAULT_ADC_BITS, reference = DEFAULT_REFERENCE_VOLTS, channels = {} } = options ?? {};
  if (!(Number.isInteger(bits) && bits >= 1 && bits <= MAX_ADC_BITS)) {
    throw new WirqError('bad-argument', `a converter of ${bits} bits`, { advice: `bits are 1 to ${MAX_ADC_BITS}` });
  }
  const volts = checkVolts(reference, 'reference');
  if (volts <= 0) throw new WirqError('bad-argument', `a reference of ${volts} V`, { advice: 'it is above 0 V' });
  const waveforms = new Map(
    Object.entries(channels).map(([channel, each]) => [checkAnalogChannel(channel), checkWaveform(each)]),
  );
  return { bits, reference: volts, channels: waveforms };
}

export function checkAnalogChannel(channel: string | number): number {
  const number = Number(channel);
  if (Number.isInteger(number) && number >= 0 && number <= 15) return number;
  throw new WirqError('bad-argument', `there is no analogue channel ${channel}`, { advice: 'channels are 0…15' });
}

export function checkWatchdog(options: BoardOptions['watchdog']): WatchdogConfig {
  const time = (given: Time | undefined, what: string) =>
    given === undefined ? undefined : checkPeriod(given, `watchdog ${what}`);
  return {
    action: options?.action,
    window: time(options?.window, 'window'),
    timeout: time(options?.timeout, 'timeout'),
  };
}

/** `2026-03-01T12:00:00Z` as ns since the epoch. */
export function checkDate(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(milliseconds)) return BigInt(milliseconds) * 1_000_000n;
  throw new WirqError('bad-argument', `${JSON.stringify(text)} is not a date`, {
    advice: 'write it in UTC, for example 2026-03-01T12:00:00Z',
  });
}

function checkPeriod(time: Time, what: string): Duration {
  const period = checkTime(time, what);
  if (period > 0) return period;
  throw new WirqError('bad-argument', `${what}: a time of 0 is none`, { advice: 'write for example 10ms' });
}
