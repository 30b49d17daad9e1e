/** What the names of lines and pins stand for, and which there are when one is misspelt. */
import { WirqError } from '../errors.ts';
import {
  defaultLineName,
  EXCEPTION_COUNT,
  type ExceptionNumber,
  exceptionOf,
  isLine,
  type LineNumber,
  lineOf,
} from '../interrupts/exceptions.ts';
import { checkPin, type Names } from './options.ts';

/** Resolves `3`, `'BUTTON'`, `'IRQ3'`, `'SysTick'`. @throws WirqError `bad-argument`. */
export function resolveLine(line: number | string, names: Names): ExceptionNumber {
  if (typeof line === 'number') {
    if (isLine(line)) return exceptionOf(line);
    throw new WirqError('bad-argument', `there is no interrupt line ${line}`, { advice: 'lines are 0…239' });
  }
  const config = names.irqs.get(line);
  if (config !== undefined) return exceptionOf(config.line as LineNumber);
  for (let n = 1; n < EXCEPTION_COUNT; n++) {
    const candidate = lineOf(n as ExceptionNumber);
    if (isLine(candidate) && defaultLineName(candidate) === line) return n as ExceptionNumber;
  }
  throw new WirqError('bad-argument', `no interrupt line is called ${line}`, {
    advice: `known are ${[...names.irqs.keys(), 'SysTick', 'PendSV', 'NMI', 'IRQ0…IRQ239'].join(', ')}`,
  });
}

/** Resolves `13`, `'LED'`. @throws WirqError `bad-argument`. */
export function resolvePin(pin: number | string, names: Names): number {
  if (typeof pin === 'number') return checkPin(pin);
  const number = names.pins.get(pin);
  if (number !== undefined) return number;
  throw new WirqError('bad-argument', `no pin is called ${pin}`, {
    advice:
      names.pins.size === 0 ? 'no pins have names; use a number' : `known are ${[...names.pins.keys()].join(', ')}`,
  });
}

/** A serial port by its number; the first where none is given. @throws WirqError `bad-argument`. */
export function resolvePort(port = 0, count: number): number {
  if (Number.isInteger(port) && port >= 0 && port < count) return port;
  throw new WirqError('bad-argument', `there is no serial port ${port}`, { advice: `ports are 0…${count - 1}` });
}
