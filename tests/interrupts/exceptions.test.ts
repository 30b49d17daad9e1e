/** Line numbers and exception numbers are CMSIS-Core's, 16 apart, and nothing else is a line. */
import test from 'ava';
import {
  defaultLineName,
  exceptionOf,
  isLine,
  type LineNumber,
  lineNumber,
  lineOf,
} from '../../src/interrupts/exceptions.ts';

const SYSTEM: Readonly<Record<string, number>> = { NMI: -14, HardFault: -13, SVCall: -5, PendSV: -2, SysTick: -1 };

test('the system exceptions have their numbers and names', (t) => {
  for (const [name, line] of Object.entries(SYSTEM)) {
    t.true(isLine(line));
    t.is(defaultLineName(line as LineNumber), name);
    t.is(Number(exceptionOf(line as LineNumber)), line + 16);
  }
  t.is(defaultLineName(-7 as LineNumber), 'exception 9');
});

test('external lines are 0 to 239, and lines and exceptions convert into each other', (t) => {
  for (let line = -20; line < 260; line++) {
    const exists = (line >= 0 && line < 240) || Object.values(SYSTEM).includes(line);
    t.is(isLine(line), exists, `${line}`);
    if (!exists) continue;
    t.is(Number(lineOf(exceptionOf(line as LineNumber))), line);
    t.is(Number(lineNumber(line)), line);
    if (line >= 0) t.is(defaultLineName(line as LineNumber), `IRQ${line}`);
  }
  for (const line of [240, -3, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => lineNumber(line), { code: 'bad-argument', message: `there is no interrupt line ${line}` });
  }
});
