/**
 * What a scenario's names stand for: interrupt lines and pins, as its `machine:` section names them.
 * Looked up once, while the scenario is read, so that a misspelt name is an error with a place and a suggestion.
 */
import { PIN_COUNT } from '../devices/gpio.ts';
import { WirqError } from '../errors.ts';
import { defaultLineName, isLine, type LineNumber, SYSTEM_EXCEPTIONS } from '../interrupts/exceptions.ts';
import { type IrqSpelling, parseIrqSpelling } from './injection.ts';
import type { IrqConfig, IrqReference, PinConfig, PinReference } from './scenario.ts';
import { brief, nearest, quote, suggest } from './suggest.ts';

export interface Names {
  readonly irqs: ReadonlyMap<string, IrqConfig>;
  readonly pins: ReadonlyMap<string, PinConfig>;
  /** Devices that are plugged in from outside. */
  readonly devices?: ReadonlyMap<string, unknown>;
}

/**
 * The line that a spelling means; its label is the configured name where there is one.
 *
 * @throws WirqError `bad-argument` for a name that is not configured, with the nearest one.
 * @example resolveIrq(parseInjection('BUTTON@10ms').irq, scenario.machine.irqs) // { line: 3, label: 'BUTTON' }
 */
export function resolveIrq(spelling: IrqSpelling, irqs: ReadonlyMap<string, IrqConfig>): IrqReference {
  if (typeof spelling === 'number') return labelled(spelling, irqs);
  const config = irqs.get(spelling);
  if (config !== undefined) return { line: config.line, label: spelling };
  const numbered = /^IRQ(\d{1,3})$/.exec(spelling);
  if (numbered !== null) {
    const line = Number(numbered[1]);
    if (isLine(line)) return labelled(line, irqs);
    throw new WirqError('bad-argument', `line ${spelling} is out of range`, { advice: 'lines are IRQ0 to IRQ239' });
  }
  const known = [...irqs.keys(), ...SYSTEM_EXCEPTIONS.map((each) => each.name)];
  throw new WirqError('bad-argument', `no line is named ${quote(spelling)}`, {
    advice:
      nearest(spelling, known) === undefined
        ? `name it in the scenario, machine: {irqs: {${spelling}: {line: 3}}}, or write its number`
        : suggest(spelling, known, 'lines'),
  });
}

function labelled(line: LineNumber, irqs: ReadonlyMap<string, IrqConfig>): IrqReference {
  for (const [label, config] of irqs) if (config.line === line) return { line, label };
  return { line, label: defaultLineName(line) };
}

/** Reads and resolves a line: `3`, `IRQ3`, `BUTTON`, `SysTick`. */
export function readIrq(written: string, names: Names): IrqReference {
  if (written.includes('@')) {
    throw new WirqError('bad-argument', `${quote(written)} is the form of the command line`, {
      advice: `write {line: ${written.slice(0, written.indexOf('@'))}, at: '${written.slice(written.indexOf('@') + 1)}'}`,
    });
  }
  return resolveIrq(parseIrqSpelling(written), names.irqs);
}

/**
 * A pin as Wokwi writes it: of a part. A name `part:pin` under `machine` says what it is wired to, in the form of Wokwi's
 * own diagrams; without one the part is the board itself, whose pins have numbers and names here.
 */
export function readPartPin(part: string, pin: string, names: Names): PinReference {
  const whole = `${part}:${pin}`;
  if (names.pins.has(whole)) return readPin(whole, names);
  if (names.pins.has(pin) || /^[+-]?\d+$/.test(pin)) return readPin(pin, names);
  throw new WirqError('bad-argument', `no pin is named ${quote(whole)}`, {
    advice: `say which pin that is, machine: {pins: {'${brief(whole)}': 13}}`,
  });
}

/** Reads and resolves a pin: `13`, `LED`. */
export function readPin(written: string, names: Names): PinReference {
  const config = names.pins.get(written);
  if (config !== undefined) return { pin: config.pin, label: written };
  if (/^[+-]?\d+$/.test(written)) {
    const pin = Number(written);
    if (pin >= 0 && pin < PIN_COUNT) return { pin, label: written };
    throw new WirqError('bad-argument', `pin ${brief(written)} is out of range`, {
      advice: `pins are 0 to ${PIN_COUNT - 1}`,
    });
  }
  const known = [...names.pins.keys()];
  throw new WirqError('bad-argument', `no pin is named ${quote(written)}`, {
    advice:
      nearest(written, known) === undefined
        ? 'name it under machine, for example pins: {LED: 13}, or write its number'
        : suggest(written, known, 'pins'),
  });
}
