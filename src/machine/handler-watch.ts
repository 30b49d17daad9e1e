/**
 * Ends a run whose handler neither returns nor waits: `handlerTimeout`. The outermost handler counts, of an interrupt or a
 * signal, with all that interrupts it; while it waits, time does not. Costs next to nothing for each handler: an alarm
 * comes by a few times within the limit, and looks whether it is still the same one.
 *
 * Where the guest cannot be stopped in a handler (real-time.md), the host is told which one runs, and keeps watch itself.
 */
import type { Alarm } from '../clock/alarms.ts';
import { formatDuration } from '../clock/instant.ts';
import type { RealTime } from '../clock/real-time.ts';
import { WirqError } from '../errors.ts';
import { defaultLineName, type ExceptionNumber, lineOf } from '../interrupts/exceptions.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import { signalName } from '../signals/numbers.ts';
import { checkTime, type MachineOptions } from './options.ts';

/** In real time, nobody is there who would notice that a firmware is stuck; in virtual time there is `timeout`. */
export const DEFAULT_HANDLER_TIMEOUT = '10s';
/** How often within the limit somebody looks. */
const LOOKS = 4;
/** Signals are told from exceptions by what is added to their numbers. */
export const SIGNAL_HANDLERS = 256;

export interface HandlerWatchHost {
  readonly loop: SchedulerLoop;
  lineName(exception: ExceptionNumber): string;
  /** Whether handlers wait while others run in their place. */
  handlersWait(): boolean;
}

/** `IRQ3`, `SysTick`, `SIGINT`. */
export function handlerName(
  handler: number,
  lineName = (exception: ExceptionNumber) => defaultLineName(lineOf(exception)),
): string {
  return handler < SIGNAL_HANDLERS ? lineName(handler as ExceptionNumber) : signalName(handler - SIGNAL_HANDLERS);
}

export class HandlerWatch {
  readonly #host: HandlerWatchHost;
  readonly #limit: number;
  readonly #tell: RealTime['handling'];
  readonly #alarm: Alarm;
  /** Handlers in progress, and the outermost one; how many there have been, and waits. */
  #depth = 0;
  #outermost = 0;
  #serial = 0;
  /** What was seen at the last look, and how often since. */
  #seen = 0;
  #looks = 0;

  private constructor(host: HandlerWatchHost, limit: number, tell: RealTime['handling']) {
    this.#host = host;
    this.#limit = limit;
    this.#tell = tell;
    this.#alarm = host.loop.timeline.create(() => this.#look());
  }

  /** Undefined where there is no limit. */
  static of(options: MachineOptions, host: HandlerWatchHost): HandlerWatch | undefined {
    const { realTime, handlerTimeout = realTime === undefined ? 'none' : DEFAULT_HANDLER_TIMEOUT } = options;
    if (handlerTimeout === 'none') return undefined;
    const limit = checkTime(handlerTimeout, 'handler timeout');
    if (limit > 0) return new HandlerWatch(host, limit, realTime?.handling);
    throw new WirqError('bad-argument', 'a handler timeout of 0 ends every handler', {
      advice: 'write for example 500ms, or none',
    });
  }

  /** A handler begins. */
  begin(handler: number): void {
    if (this.#depth++ > 0) return;
    this.#outermost = handler;
    this.#goOn();
  }

  /** A handler has returned, or left in another way. */
  end(): void {
    if (this.#depth > 0 && --this.#depth === 0) this.#tell?.(undefined);
  }

  /** The machine sleeps, or no longer. */
  slept(asleep: boolean): void {
    if (asleep) this.#alarm.cancel();
    if (this.#depth === 0) return;
    if (asleep) this.#tell?.(undefined);
    else this.#goOn();
  }

  /** All handlers are gone: after a reset, or a trap. */
  forget(): void {
    this.#depth = 0;
    this.#alarm.cancel();
    this.#tell?.(undefined);
  }

  #goOn(): void {
    this.#serial++;
    if (!this.#alarm.isSet) this.#lookSoon();
    this.#tell?.(this.#outermost);
  }

  /** From now, not from when it was due: while the host is suspended, no handler has a chance to return. */
  #lookSoon(): void {
    const { now } = this.#host.loop;
    this.#alarm.at(now + Math.ceil(this.#limit / LOOKS));
  }

  #look(): void {
    if (this.#depth === 0) return;
    this.#lookSoon();
    if (this.#seen !== this.#serial || this.#host.handlersWait()) {
      this.#seen = this.#serial;
      this.#looks = 0;
      return;
    }
    if (++this.#looks < LOOKS) return;
    const name = handlerName(this.#outermost, (exception) => this.#host.lineName(exception));
    const message = `the handler of ${name} has neither returned nor waited for ${formatDuration(this.#limit)}`;
    this.#host.loop.conclude({ kind: 'timeout', limit: 'handler', message });
  }
}
