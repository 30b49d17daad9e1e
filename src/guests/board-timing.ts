/**
 * The part of `wirq/board` that has to do with time: timers and their captures, the watchdog, the real-time clock.
 * Times are i64 nanoseconds; -1 stands for "none" where a time is returned.
 */
import { type Duration, MAX_NS } from '../clock/instant.ts';
import { type Edge, PIN_COUNT } from '../devices/gpio.ts';
import type { Rtc } from '../devices/rtc.ts';
import { TIMER_COUNT, type Timers } from '../devices/timer.ts';
import type { Watchdog } from '../devices/watchdog.ts';
import type { HostModule } from './interface.ts';

export interface TimingMachine {
  readonly timers: Timers;
  readonly watchdog: Watchdog;
  readonly rtc: Rtc;
  fail(message: string): never;
}

/** By their numbers in `timer_capture`. */
const EDGES: readonly (Edge | undefined)[] = [undefined, 'rising', 'falling', 'both'];

const NONE = -1n;

export function timingFunctions(machine: TimingMachine): HostModule {
  return { ...timerFunctions(machine), ...watchdogFunctions(machine), ...rtcFunctions(machine) };
}

function timerFunctions(machine: TimingMachine): HostModule {
  const checked = (id: number, call: string): number => {
    if (id >= 0 && id < TIMER_COUNT) return id;
    return machine.fail(`${call}: there is no timer ${id} (timers are 0…${TIMER_COUNT - 1})`);
  };
  return {
    timer_start: {
      signature: 'iIi>',
      call: (id: number, period: bigint, repeat: number) => {
        if (period < 0n || period > BigInt(MAX_NS)) {
          machine.fail(`timer_start: a period of ${period} ns is out of range`);
        }
        machine.timers.start(checked(id, 'timer_start'), Number(period) as Duration, repeat !== 0);
      },
    },
    timer_stop: { signature: 'i>', call: (id: number) => machine.timers.stop(checked(id, 'timer_stop')) },
    timer_elapsed: {
      signature: 'i>I',
      call: (id: number) => orNone(machine.timers.elapsed(checked(id, 'timer_elapsed'))),
    },
    timer_capture: {
      signature: 'iii>',
      call: (id: number, pin: number, edge: number) => {
        const known = EDGES[edge];
        if (known === undefined) {
          return machine.fail(`timer_capture: ${edge} is not an edge (1 rising, 2 falling, 3 both)`);
        }
        if (pin < 0 || pin >= PIN_COUNT) {
          return machine.fail(`timer_capture: there is no pin ${pin} (pins are 0…${PIN_COUNT - 1})`);
        }
        machine.timers.capture(checked(id, 'timer_capture'), pin, known);
      },
    },
    timer_captured: {
      signature: 'i>I',
      call: (id: number) => orNone(machine.timers.takeCaptured(checked(id, 'timer_captured'))),
    },
  };
}

function watchdogFunctions(machine: TimingMachine): HostModule {
  return {
    watchdog_start: {
      signature: 'I>',
      call: (timeout: bigint) => {
        if (timeout <= 0n || timeout > BigInt(MAX_NS)) {
          machine.fail(`watchdog_start: a timeout of ${timeout} ns is out of range`);
        }
        machine.watchdog.start(Number(timeout) as Duration);
      },
    },
    watchdog_feed: {
      signature: '>',
      call: () => {
        if (!machine.watchdog.feed()) machine.fail('watchdog_feed: the watchdog has not been started');
      },
    },
  };
}

function rtcFunctions(machine: TimingMachine): HostModule {
  return {
    rtc_time: { signature: '>I', call: () => machine.rtc.time },
    rtc_set: { signature: 'I>', call: (time: bigint) => machine.rtc.set(time) },
    rtc_alarm: { signature: 'I>', call: (time: bigint) => machine.rtc.setAlarm(time < 0n ? undefined : time) },
  };
}

function orNone(ns: number | undefined): bigint {
  return ns === undefined ? NONE : BigInt(ns);
}
