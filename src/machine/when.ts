/** The moment of an injection: absolute since reset, or at a place in the program, or again and again. */
import { type Duration, duration, type Instant, instant } from '../clock/instant.ts';
import { WirqError } from '../errors.ts';
import { checkTime, type Time } from './options.ts';

export type When =
  | { readonly kind: 'time'; readonly at: Instant }
  /** When `count` instructions have been charged. At `loop` granularity that is approximate, but repeatable. */
  | { readonly kind: 'instruction'; readonly count: number }
  /** The `entry`-th time (from 1) that the function of this name in the user's module is entered. */
  | { readonly kind: 'function'; readonly name: string; readonly entry: number }
  /** First one period from now, then again every period. */
  | { readonly kind: 'every'; readonly period: Duration };

/** Checks a moment that came from a user. @throws WirqError `bad-argument` for what is none. */
export function checkWhen(when: When): When {
  switch (when.kind) {
    case 'time':
      return { kind: 'time', at: instant(when.at) };
    case 'every':
      return { kind: 'every', period: duration(when.period) };
    case 'instruction':
      if (Number.isSafeInteger(when.count) && when.count >= 0) return when;
      throw new WirqError('bad-argument', `${when.count} is not a number of instructions`, {
        advice: 'give a whole number from 0',
      });
    case 'function':
      if (Number.isSafeInteger(when.entry) && when.entry >= 1) return when;
      throw new WirqError('bad-argument', `${when.name}#${when.entry}: entries are whole numbers from 1`);
  }
}

/** How often something happens after its first time. */
export interface Repetition {
  readonly every?: Time | undefined;
  /** In all, the first time included. */
  readonly count?: number | undefined;
}

/** A moment and its repetition as a user gives them. A moment that is undefined is at once. */
export function checkMoment(when: When | Time | undefined, { every, count }: Repetition) {
  const moment =
    typeof when === 'object'
      ? checkWhen(when)
      : when === undefined
        ? undefined
        : { kind: 'time' as const, at: instant(checkTime(when, 'moment')) };
  const period =
    moment?.kind === 'every' ? moment.period : every === undefined ? undefined : checkTime(every, 'period');
  if (period === 0) throw new WirqError('bad-argument', 'a period of 0 never lets the machine run');
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1)) {
    throw new WirqError('bad-argument', `${count} is not a number of times`, {
      advice: 'give a whole number from 1',
    });
  }
  return { moment, period };
}
