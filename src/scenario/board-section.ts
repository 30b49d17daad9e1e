/**
 * The devices in a scenario's `machine:` section: `uarts`, `adc`, `watchdog`, `rtc`, `dma`, memory to `retain`, and
 * options of `devices` that are plugged in from outside. Every quantity has a unit: `115200Bd`, `1.65V`, `10ms`, `1kHz`.
 */
import { ADC_CHANNEL_COUNT, MAX_ADC_BITS } from '../devices/adc.ts';
import { MAX_QUEUED_BYTES, PORT_COUNT } from '../devices/uart.ts';
import { parseBaud, parseVolts } from '../devices/units.ts';
import { type BoardOptions, checkDate, type UartOptions } from '../machine/board-options.ts';
import type { RetainedBlock } from '../machine/reset.ts';
import { type Names, readIrq } from './names.ts';
import type { BoardSection, WaveformSection } from './scenario.ts';
import { quote } from './suggest.ts';
import type { Fields, Value } from './value.ts';

export const BOARD_KEYS = ['uarts', 'adc', 'watchdog', 'rtc', 'dma', 'retain', 'devices'];

/** More blocks than this are not a list that somebody wrote. */
const MAX_BLOCKS = 100;
const MAX_DEVICES = 100;

export const NO_BOARD: BoardSection = {
  uarts: {},
  adc: undefined,
  watchdog: undefined,
  rtc: undefined,
  dma: undefined,
  retain: [],
  devices: new Map(),
};

export function readBoard(fields: Fields, names: Names): BoardSection {
  const read = <T>(key: string, reader: (value: Value) => T): T | undefined => {
    const value = fields.get(key);
    return value === undefined ? undefined : reader(value);
  };
  return {
    uarts: read('uarts', (value) => readUarts(value, names)) ?? {},
    adc: read('adc', readAdc),
    watchdog: read('watchdog', readWatchdog),
    rtc: read('rtc', readRtc),
    dma: read('dma', (value) => ({
      wordTime: value.fields(['word-time'], '{word-time: 125ns}').get('word-time')?.period(),
    })),
    retain: read('retain', readRetain) ?? [],
    devices: read('devices', readDevices) ?? new Map(),
  };
}

/** `1.65V`. */
export function readVolts(value: Value): number {
  if (value.isNumber) {
    return value.fail(`${value.what} has no unit: ${value.shown}`, `write ${value.shown}V or ${value.shown}mV`);
  }
  const volts = value.isText ? parseVolts(value.written) : undefined;
  return volts ?? value.fail(`${value.what} is not a voltage: ${value.shown}`, 'write for example 1.65V or 300mV');
}

/** `{UART0: {baud: 115200Bd, fifo: 16, sent-irq: TX_DONE}}`. */
function readUarts(value: Value, names: Names): Record<number, UartOptions> {
  const uarts: Record<number, UartOptions> = {};
  for (const [name, each] of value.entries('{UART0: {baud: 115200Bd}}')) {
    const fields = each.fields(['baud', 'fifo', 'sent-irq'], '{baud: 115200Bd, fifo: 16}');
    const sent = fields.get('sent-irq')?.read((written) => readIrq(written, names));
    uarts[numbered(name, 'UART', PORT_COUNT, each)] = {
      baud: readBaud(fields.get('baud')),
      fifo: fields.get('fifo')?.integer(1, MAX_QUEUED_BYTES),
      sentLine: sent?.line,
    };
  }
  return uarts;
}

function readBaud(value: Value | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.isNumber) return value.fail(`${value.what} has no unit: ${value.shown}`, `write ${value.shown}Bd`);
  const baud = value.isText ? parseBaud(value.written) : undefined;
  if (baud !== undefined && baud >= 1 && baud <= 1e9) return baud;
  return value.fail(`${value.what} is not a baud rate: ${value.shown}`, 'write for example 115200Bd, at most 1000MBd');
}

/** `UART0`, `A3`: a name that ends in the number of what it names. */
export function numbered(name: string, prefix: string, count: number, value: Value): number {
  const number = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
  if (/^\d+$/.test(name.slice(prefix.length)) && number < count && String(number) === name.slice(prefix.length)) {
    return number;
  }
  return value.failAtKey(`there is no ${quote(name)}`, `they are ${prefix}0 to ${prefix}${count - 1}`);
}

function readAdc(value: Value): BoardSection['adc'] {
  const fields = value.fields(['bits', 'reference', 'channels'], '{channels: {A0: 1.65V}}');
  const reference = fields.get('reference');
  const volts = reference === undefined ? undefined : readVolts(reference);
  if (volts !== undefined && volts <= 0) reference!.fail(`'reference' is ${reference!.shown}`, 'it is above 0V');
  const channels = new Map<number, WaveformSection>();
  for (const [name, each] of fields.get('channels')?.entries('{A0: 1.65V}') ?? []) {
    channels.set(numbered(name, 'A', ADC_CHANNEL_COUNT, each), readWaveform(each));
  }
  return { bits: fields.get('bits')?.integer(1, MAX_ADC_BITS), reference: volts, channels };
}

const WAVEFORMS = ['constant', 'ramp', 'sine', 'file'];

/** `1.65V`, `{ramp: {…}}`, `{sine: {…}}`, `{file: {path: …}}`. */
export function readWaveform(value: Value): WaveformSection {
  if (!value.isMapping) return { constant: readVolts(value) };
  const fields = value.fields(WAVEFORMS, '{sine: {low: 0V, high: 3.3V, period: 20ms}}');
  const [kind, other] = fields.keys;
  if (kind === undefined) return value.fail(`${value.what} is no waveform`, `add one of ${WAVEFORMS.join(', ')}`);
  if (other !== undefined) fields.get(other)!.failAtKey(`'${kind}' and '${other}' are two waveforms`, 'write one');
  const wave = fields.get(kind)!;
  if (kind === 'constant') return { constant: readVolts(wave) };
  if (kind === 'file') return readSamplesFile(wave);
  const [low, high] = kind === 'ramp' ? ['from', 'to'] : ['low', 'high'];
  const inner = wave.fields([low!, high!, 'period'], `{${low}: 0V, ${high}: 3.3V, period: 20ms}`);
  const bound = (key: string) => readVolts(inner.need(key, `'${key}', for example ${key}: 3.3V`));
  const period = inner.need('period', "'period', for example period: 20ms").period();
  if (kind === 'ramp') return { ramp: { from: bound('from'), to: bound('to'), period } };
  return { sine: { low: bound('low'), high: bound('high'), period } };
}

/** A file beside the scenario, one sample a line. Nothing is opened here. */
function readSamplesFile(value: Value): WaveformSection {
  const fields = value.fields(['path', 'rate', 'then'], '{path: battery.txt, rate: 1kHz}');
  const path = fields.need('path', "'path', for example path: battery.txt");
  const name = path.name('battery.txt');
  if (/^[/\\]|^[A-Za-z]:|\\/.test(name) || name.split('/').includes('..')) {
    path.fail(`${path.shown} may lead out of the scenario's folder`, 'name a file beside the scenario or below');
  }
  return {
    file: {
      path: name,
      rate: fields.need('rate', "'rate', for example rate: 1kHz").frequency(),
      repeat: fields.get('then')?.word(['stay', 'repeat']) === 'repeat',
      place: path.place,
    },
  };
}

function readWatchdog(value: Value): BoardOptions['watchdog'] {
  const fields = value.fields(['action', 'window', 'timeout'], '{action: nmi, window: 5ms}');
  const watchdog = {
    action: fields.get('action')?.word(['reset', 'nmi'] as const),
    window: fields.get('window')?.period(),
    timeout: fields.get('timeout')?.period(),
  };
  if (watchdog.window !== undefined && watchdog.timeout !== undefined && watchdog.window >= watchdog.timeout) {
    fields.get('window')!.fail("'window' is not shorter than 'timeout'", 'nothing could feed it in time');
  }
  return watchdog;
}

function readRtc(value: Value): BoardOptions['rtc'] {
  const start = value.fields(['start'], "{start: '2026-03-01T12:00:00Z'}").get('start');
  start?.read(checkDate);
  return { start: start?.written };
}

/** `[{address: counters, bytes: 16}]`. */
function readRetain(value: Value): RetainedBlock[] {
  return value.items('a retained block', MAX_BLOCKS).map((item) => {
    const fields = item.fields(['address', 'bytes'], '{address: counters, bytes: 16}');
    const address = fields.need('address', "'address', a number or the name of an exported global");
    return {
      address: address.isNumber ? address.integer(0, 2 ** 32 - 1) : address.name('counters'),
      bytes: fields.need('bytes', "'bytes', for example bytes: 16").integer(1, 2 ** 32 - 1),
    };
  });
}

/** Options for devices that are plugged in from outside, by their names: what they mean is their own affair. */
function readDevices(value: Value): Map<string, Record<string, string | number>> {
  const devices = new Map<string, Record<string, string | number>>();
  const entries = value.entries('{thermometer: {period: 10ms}}');
  if (entries.size > MAX_DEVICES)
    value.fail(`${value.what} has ${entries.size} entries`, `the limit is ${MAX_DEVICES}`);
  for (const [name, each] of entries) {
    const options: Record<string, string | number> = {};
    for (const [key, option] of each.entries('{period: 10ms}')) options[key] = readScalar(option);
    devices.set(name, options);
  }
  return devices;
}

/** Text or a number, as the file has it. */
export function readScalar(value: Value): string | number {
  return value.isNumber ? value.number() : value.text('10ms');
}
