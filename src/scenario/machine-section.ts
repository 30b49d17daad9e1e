/**
 * The `machine:` section of a scenario: clock rate, names of lines and pins, the way interrupts are delivered.
 * Only what a scenario depends on belongs here; everything else about a run is said on the command line.
 */

import { PIN_COUNT, type Pull, type Trigger } from '../devices/gpio.ts';
import { parseVolts } from '../devices/units.ts';
import { type Place, WirqError } from '../errors.ts';
import {
  defaultLineName,
  LINE_COUNT,
  type LineNumber,
  lineNumber,
  SYSTEM_EXCEPTIONS,
} from '../interrupts/exceptions.ts';
import { LEAST_PRIORITY_BITS, MOST_PRIORITY_BITS } from '../interrupts/priorities.ts';
import { MAX_SAMPLES, type WaveformOptions } from '../machine/board-options.ts';
import { DELIVERIES, type MachineOptions } from '../machine/options.ts';
import { BOARD_KEYS, NO_BOARD, readBoard } from './board-section.ts';
import { isIrqName } from './injection.ts';
import { readIrq } from './names.ts';
import type { IrqConfig, MachineSection, PinConfig, WaveformSection } from './scenario.ts';
import { quote } from './suggest.ts';
import type { Value } from './value.ts';

const TRIGGERS: readonly Trigger[] = ['rising', 'falling', 'both', 'high', 'low'];
const PULLS: readonly Pull[] = ['up', 'down', 'none'];
const KEYS = ['hz', 'irqs', 'pins', 'priority-bits', 'deliver', 'seed', 'mailbox-poll', ...BOARD_KEYS];
/** The least urgent priority: eight bits, as on ARMv7-M. */
const LAST_PRIORITY = 255;
const LAST_SEED = 2 ** 32 - 1;

/** What a scenario without a `machine:` section says of it: nothing. */
export const NO_MACHINE: MachineSection = {
  hz: undefined,
  irqs: new Map(),
  pins: new Map(),
  priorityBits: undefined,
  deliver: undefined,
  seed: undefined,
  mailboxPoll: undefined,
  board: NO_BOARD,
};

export function readMachine(value: Value): MachineSection {
  const fields = value.fields(KEYS, '{hz: 16MHz, irqs: {BUTTON: {line: 3}}}');
  const named = fields.get('irqs');
  const irqs = named === undefined ? NO_MACHINE.irqs : readIrqs(named);
  const pins = fields.get('pins');
  return {
    hz: fields.get('hz')?.frequency(),
    irqs,
    pins: pins === undefined ? NO_MACHINE.pins : readPins(pins, irqs),
    priorityBits: fields.get('priority-bits')?.integer(LEAST_PRIORITY_BITS, MOST_PRIORITY_BITS),
    deliver: fields.get('deliver')?.word(DELIVERIES),
    seed: fields.get('seed')?.integer(0, LAST_SEED),
    mailboxPoll: fields.get('mailbox-poll')?.period(),
    board: readBoard(fields, { irqs, pins: new Map() }),
  };
}

/** Reads a file that a scenario names, relative to the scenario's folder. */
export type ReadBeside = (path: string) => string;

/**
 * The section as options of `Machine.load`; options of the command line go over them.
 *
 * @param readBeside gives the text of files with samples; without it a scenario that names one is refused.
 */
export function machineOptions(section: MachineSection, readBeside?: ReadBeside) {
  const { board } = section;
  const pins = [...section.pins.values()];
  const wired = [...section.pins.values()].flatMap(({ pin, wire }) => (wire === undefined ? [] : [{ pin, wire }]));
  return {
    hz: section.hz,
    seed: section.seed,
    irqs: Object.fromEntries([...section.irqs].map(([name, { place: _place, ...config }]) => [name, config])),
    pins: Object.fromEntries([...section.pins].map(([name, { pin }]) => [name, pin])),
    wires: wired.map(({ pin, wire }) => ({ pin, line: wire.irq.line, edge: wire.edge })),
    priorityBits: section.priorityBits,
    deliver: section.deliver,
    mailboxPoll: section.mailboxPoll,
    retain: board.retain,
    deviceOptions: Object.fromEntries(board.devices),
    board: {
      uarts: board.uarts,
      pulls: pins.flatMap(({ pin, pull }) => (pull === undefined ? [] : [{ pin, pull }])),
      bounces: pins.flatMap(({ pin, bounce }) => (bounce === undefined ? [] : [{ pin, time: bounce }])),
      adc:
        board.adc === undefined
          ? undefined
          : {
              ...board.adc,
              channels: Object.fromEntries(
                [...board.adc.channels].map(([channel, each]) => [channel, waveformOptions(each, readBeside)]),
              ),
            },
      watchdog: board.watchdog,
      rtc: board.rtc,
      dma: board.dma,
    },
  } satisfies MachineOptions;
}

/** A waveform with the samples of its file. @throws WirqError `bad-scenario` with the place. */
export function waveformOptions(waveform: WaveformSection, readBeside: ReadBeside | undefined): WaveformOptions {
  if (!('file' in waveform)) return waveform;
  const { path, rate, repeat, place } = waveform.file;
  if (readBeside === undefined) {
    throw new WirqError('bad-scenario', `${quote(path)} cannot be read here`, {
      place,
      advice: 'give machineOptions a function that reads files beside the scenario',
    });
  }
  return { samples: { volts: readSamples(textOf(path, readBeside, place), path), rate, repeat } };
}

/** A file that cannot be read is complained of where it is named. */
function textOf(path: string, readBeside: ReadBeside, place: Place): string {
  try {
    return readBeside(path);
  } catch (error) {
    if (!(error instanceof WirqError)) throw error;
    throw new WirqError('bad-scenario', `the samples in ${quote(path)}: ${error.message}`, {
      place,
      advice: error.advice,
    });
  }
}

/** One voltage a line, with its unit; empty lines and those that begin with # do not count. */
function readSamples(text: string, file: string): number[] {
  const volts: number[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const value = parseVolts(line);
    if (value === undefined || volts.length >= MAX_SAMPLES) {
      const complaint = value === undefined ? `${quote(line)} is not a voltage` : `more than ${MAX_SAMPLES} samples`;
      throw new WirqError('bad-scenario', complaint, {
        place: { file, line: at + 1, column: 1 },
        advice: 'write one a line, for example 1.65V or 300mV',
      });
    }
    volts.push(value);
  }
  if (volts.length > 0) return volts;
  throw new WirqError('bad-scenario', `${quote(file)} holds no samples`, {
    place: { file },
    advice: 'write one a line',
  });
}

function readIrqs(value: Value): Map<string, IrqConfig> {
  const irqs = new Map<string, IrqConfig>();
  const named = new Map<LineNumber, string>();
  for (const [name, each] of value.entries('{BUTTON: {line: 3}}')) {
    if (!isIrqName(name)) {
      each.failAtKey(
        `${quote(name)} cannot name a line`,
        'use letters, digits and _, because <NAME>_IRQHandler is looked up',
      );
    }
    if (SYSTEM_EXCEPTIONS.some((exception) => exception.name === name)) {
      each.failAtKey(`${quote(name)} is a system exception, not a line`, 'choose another name');
    }
    const config = readIrqConfig(each);
    if (/^IRQ\d+$/.test(name) && name !== defaultLineName(config.line)) {
      each.failAtKey(`${quote(name)} is the name of another line`, `choose another name for line ${config.line}`);
    }
    const other = named.get(config.line);
    if (other !== undefined)
      each.failAtKey(`line ${config.line} is already named '${other}'`, 'give each line one name');
    named.set(config.line, name);
    irqs.set(name, config);
  }
  return irqs;
}

function readIrqConfig(value: Value): IrqConfig {
  const fields = value.fields(['line', 'priority', 'handler', 'deliver'], '{line: 3, priority: 2}');
  const line = fields.need('line', "'line', for example {line: 3}").integer(0, LINE_COUNT - 1);
  return {
    line: lineNumber(line),
    priority: fields.get('priority')?.integer(0, LAST_PRIORITY),
    handler: fields.get('handler')?.name('on_button'),
    deliver: fields.get('deliver')?.word(DELIVERIES),
    place: value.place,
  };
}

function readPins(value: Value, irqs: ReadonlyMap<string, IrqConfig>): Map<string, PinConfig> {
  const pins = new Map<string, PinConfig>();
  for (const [name, each] of value.entries('{LED: 13}')) {
    if (name === '' || /^[+-]?\d+$/.test(name))
      each.failAtKey(`${quote(name)} cannot name a pin`, 'use a word, for example LED: 13');
    pins.set(name, readPinConfig(each, irqs));
  }
  return pins;
}

/** `13`, or `{pin: 4, active: low, irq: BUTTON, edge: falling}` for a button that interrupts. */
function readPinConfig(value: Value, irqs: ReadonlyMap<string, IrqConfig>): PinConfig {
  if (!value.isMapping) {
    const pin = value.integer(0, PIN_COUNT - 1);
    return { pin, active: 'high', wire: undefined, pull: undefined, bounce: undefined };
  }
  const fields = value.fields(['pin', 'active', 'irq', 'edge', 'pull', 'bounce'], '{pin: 4, active: low}');
  const irq = fields.get('irq');
  const edge = fields.get('edge');
  if (irq === undefined) edge?.failAtKey("'edge' raises nothing", 'add the line, for example irq: BUTTON');
  const active = fields.get('active')?.word(['high', 'low']) ?? 'high';
  const onPress = active === 'high' ? 'rising' : 'falling';
  return {
    pin: fields.need('pin', "'pin', for example {pin: 4, active: low}").integer(0, PIN_COUNT - 1),
    active,
    wire:
      irq === undefined
        ? undefined
        : {
            irq: irq.read((written) => readIrq(written, { irqs, pins: new Map() })),
            edge: edge?.word(TRIGGERS) ?? onPress,
          },
    pull: fields.get('pull')?.word(PULLS),
    bounce: fields.get('bounce')?.period(),
  };
}
