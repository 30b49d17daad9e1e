/**
 * Exception and line numbers, as CMSIS-Core and the ARMv7-M Architecture Reference Manual (B1.5.2) have them.
 * An *exception number* is what the core sees (1 … 255, 0 in thread mode); a *line number* (IRQn) is what
 * programs see: external lines 0 … 239, system exceptions negative. They differ by 16.
 */
import { WirqError } from '../errors.ts';

/** 0 in thread mode, 15 for SysTick, 16 + n for line n. */
export type ExceptionNumber = number & { readonly __unit: 'exception' };
/** 0 … 239 external, negative for system exceptions. */
export type LineNumber = number & { readonly __unit: 'line' };

export const LINE_COUNT = 240;
export const EXCEPTION_COUNT = 16 + LINE_COUNT;

export const THREAD_MODE = 0 as ExceptionNumber;
export const NMI = 2 as ExceptionNumber;
export const HARD_FAULT = 3 as ExceptionNumber;
export const SV_CALL = 11 as ExceptionNumber;
export const PEND_SV = 14 as ExceptionNumber;
export const SYS_TICK = 15 as ExceptionNumber;

/** Name as scenarios and logs write it, number, and the export that handles it. */
export const SYSTEM_EXCEPTIONS: readonly {
  readonly name: string;
  readonly number: ExceptionNumber;
  readonly handler: string;
}[] = [
  { name: 'NMI', number: NMI, handler: 'NMI_Handler' },
  { name: 'HardFault', number: HARD_FAULT, handler: 'HardFault_Handler' },
  { name: 'SVCall', number: SV_CALL, handler: 'SVC_Handler' },
  { name: 'PendSV', number: PEND_SV, handler: 'PendSV_Handler' },
  { name: 'SysTick', number: SYS_TICK, handler: 'SysTick_Handler' },
];

/** A bit for each system exception, by number. */
const SYSTEM_NUMBERS = SYSTEM_EXCEPTIONS.reduce((bits, each) => bits | (1 << each.number), 0);

/** Whether `line` is an external line or a system exception that exists here. */
export function isLine(line: number): line is LineNumber {
  if ((line | 0) !== line) return false;
  return line >= 0 ? line < LINE_COUNT : line > -16 && (SYSTEM_NUMBERS & (1 << (line + 16))) !== 0;
}

export function exceptionOf(line: LineNumber): ExceptionNumber {
  return (line + 16) as ExceptionNumber;
}

export function lineOf(exception: ExceptionNumber): LineNumber {
  return (exception - 16) as LineNumber;
}

/** Checks a line number that came from a user. */
export function lineNumber(line: number): LineNumber {
  if (isLine(line)) return line;
  throw new WirqError('bad-argument', `there is no interrupt line ${line}`, {
    advice: `lines are 0…${LINE_COUNT - 1}; system exceptions are ${SYSTEM_EXCEPTIONS.map((e) => `${e.name} (${lineOf(e.number)})`).join(', ')}`,
  });
}

/** `IRQ3`, or the name of a system exception. */
export function defaultLineName(line: LineNumber): string {
  if (line >= 0) return `IRQ${line}`;
  return SYSTEM_EXCEPTIONS.find((each) => lineOf(each.number) === line)?.name ?? `exception ${line + 16}`;
}
