/**
 * The part of `wirq/signal` that sets timers: alarm, setitimer, getitimer and timer_create with its kin (POSIX.1-2024;
 * setitimer() is of POSIX.1-2017). Clocks are numbered as WASI numbers them; CPU time is the guest's own work.
 */
import { isSignal, SIGALRM, SIGPROF, SIGVTALRM } from '../signals/numbers.ts';
import type { Sender } from '../signals/process-signals.ts';
import { IntervalTimer, SignalTimer, type TimerClock } from '../signals/timers.ts';
import { EAGAIN, EFAULT, EINVAL, SUCCESS } from './errno.ts';
import type { HostModule } from './interface.ts';
import { GuestWords } from './memory.ts';
import {
  ITIMERSPEC_BYTES,
  ITIMERVAL_BYTES,
  readTimespec,
  readTimeval,
  SIGEVENT_BYTES,
  writeTimespec,
  writeTimeval,
} from './signal-layout.ts';

export interface TimerMachine {
  memory(): WebAssembly.Memory | undefined;
  /** Machine time since reset. */
  readonly realTime: TimerClock;
  /** The guest's work. */
  readonly workTime: TimerClock;
  /** What CLOCK_REALTIME shows at reset, in seconds. */
  readonly epoch_s: number;
  readonly sender: Sender;
}

/** The most timers that a guest may have at once. */
const MAX_TIMERS = 64;
const [CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME, CLOCK_THREAD_CPUTIME] = [0, 1, 2, 3];
const TIMER_ABSTIME = 1;
const [SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD_ID] = [0, 1, 4];

export function createSignalTimers(machine: TimerMachine): HostModule {
  const memory = new GuestWords(machine.memory);
  const real = new IntervalTimer(machine.realTime, SIGALRM, 'ITIMER_REAL', machine.sender);
  const virtual = new IntervalTimer(machine.workTime, SIGVTALRM, 'ITIMER_VIRTUAL', machine.sender);
  // There is no system in which time could be spent: both count the same work.
  const profile = new IntervalTimer(machine.workTime, SIGPROF, 'ITIMER_PROF', machine.sender);
  return { ...intervalCalls(memory, [real, virtual, profile]), ...timerCalls(machine, memory) };
}

function intervalCalls(memory: GuestWords, timers: readonly IntervalTimer[]): HostModule {
  const real = timers[0]!;
  const write = (timer: IntervalTimer, at: number) => {
    const { left, period } = timer.setting;
    writeTimeval(memory.words, at, period);
    writeTimeval(memory.words, at + 4, left);
  };
  const setitimer = (which: number, newPointer: number, oldPointer: number): number => {
    const timer = timers[which];
    if (timer === undefined) return -EINVAL;
    const to = memory.at(newPointer, ITIMERVAL_BYTES);
    const old = oldPointer === 0 ? undefined : memory.at(oldPointer, ITIMERVAL_BYTES);
    if (to === undefined || (oldPointer !== 0 && old === undefined)) return -EFAULT;
    const period = newPointer === 0 ? 0 : readTimeval(memory.words, to);
    const left = newPointer === 0 ? 0 : readTimeval(memory.words, to + 4);
    if (period === undefined || left === undefined) return -EINVAL;
    if (old !== undefined) write(timer, old);
    timer.start(left === 0 ? undefined : timer.clock.now() + left, left === 0 ? 0 : period);
    return SUCCESS;
  };
  return {
    setitimer: { signature: 'iii>i', call: setitimer },
    getitimer: {
      signature: 'ii>i',
      call: (which: number, pointer: number) => {
        const timer = timers[which];
        if (timer === undefined) return -EINVAL;
        const at = memory.at(pointer, ITIMERVAL_BYTES);
        if (at === undefined) return -EFAULT;
        write(timer, at);
        return SUCCESS;
      },
    },
    alarm: {
      signature: 'i>i',
      call: (seconds: number) => {
        const { left } = real.setting;
        real.start(seconds === 0 ? undefined : real.clock.now() + (seconds >>> 0) * 1e9, 0);
        // Rounded, but never to 0, which would say that there was none (Linux, alarm_setitimer).
        return left === 0 ? 0 : Math.max(1, Math.round(left / 1e9));
      },
    },
  };
}

function timerCalls(machine: TimerMachine, memory: GuestWords): HostModule {
  const timers = new Map<number, { readonly timer: SignalTimer; readonly origin_s: number }>();
  let lastId = 0;
  const create = (clock: number, eventPointer: number, idPointer: number): number => {
    const clocked = clockOf(machine, clock);
    const event = eventPointer === 0 ? undefined : memory.at(eventPointer, SIGEVENT_BYTES);
    const at = memory.at(idPointer, 4);
    if (clocked === undefined) return -EINVAL;
    if ((eventPointer !== 0 && event === undefined) || at === undefined) return -EFAULT;
    if (timers.size >= MAX_TIMERS) return -EAGAIN;
    const { words } = memory;
    const notify = event === undefined ? SIGEV_SIGNAL : words[event + 2]!;
    const signal = event === undefined ? SIGALRM : words[event + 1]!;
    const value = event === undefined ? lastId + 1 : words[event]!;
    const sends = notify === SIGEV_SIGNAL || notify === SIGEV_THREAD_ID;
    if ((!sends && notify !== SIGEV_NONE) || (sends && !isSignal(signal))) return -EINVAL;
    const id = ++lastId;
    const timer = new SignalTimer(clocked.clock, id, sends ? signal : undefined, value, machine.sender);
    timers.set(id, { timer, origin_s: clocked.origin_s });
    words[at] = id;
    return SUCCESS;
  };
  const settime = (id: number, flags: number, newPointer: number, oldPointer: number): number => {
    const found = timers.get(id);
    if (found === undefined) return -EINVAL;
    const to = memory.at(newPointer, ITIMERSPEC_BYTES);
    const old = oldPointer === 0 ? undefined : memory.at(oldPointer, ITIMERSPEC_BYTES);
    if (newPointer === 0) return -EINVAL;
    if (to === undefined || (oldPointer !== 0 && old === undefined)) return -EFAULT;
    const period = readTimespec(memory.words, to);
    const absolute = (flags & TIMER_ABSTIME) !== 0;
    const value = readTimespec(memory.words, to + 4, absolute ? found.origin_s : 0);
    if (period === undefined || value === undefined) return -EINVAL;
    const stops = (memory.words[to + 4]! | memory.words[to + 5]! | memory.words[to + 6]!) === 0;
    if (old !== undefined) writeSetting(memory, old, found.timer);
    const due = value + (absolute ? 0 : found.timer.clock.now());
    found.timer.start(stops ? undefined : due, stops ? 0 : period);
    return SUCCESS;
  };
  return {
    timer_create: { signature: 'iii>i', call: create },
    timer_settime: { signature: 'iiii>i', call: settime },
    timer_gettime: {
      signature: 'ii>i',
      call: (id: number, pointer: number) => {
        const found = timers.get(id);
        if (found === undefined) return -EINVAL;
        const at = memory.at(pointer, ITIMERSPEC_BYTES);
        if (at === undefined) return -EFAULT;
        writeSetting(memory, at, found.timer);
        return SUCCESS;
      },
    },
    timer_getoverrun: { signature: 'i>i', call: (id: number) => timers.get(id)?.timer.overrun ?? -EINVAL },
    timer_delete: {
      signature: 'i>i',
      call: (id: number) => {
        const found = timers.get(id);
        if (found === undefined) return -EINVAL;
        found.timer.start(undefined, 0);
        timers.delete(id);
        return SUCCESS;
      },
    },
  };
}

function writeSetting(memory: GuestWords, at: number, timer: SignalTimer): void {
  const { left, period } = timer.setting;
  writeTimespec(memory.words, at, period);
  writeTimespec(memory.words, at + 4, left);
}

interface Clocked {
  readonly clock: TimerClock;
  /** What it shows when machine time is 0. */
  readonly origin_s: number;
}

function clockOf(machine: TimerMachine, id: number): Clocked | undefined {
  if (id === CLOCK_REALTIME) return { clock: machine.realTime, origin_s: machine.epoch_s };
  if (id === CLOCK_MONOTONIC) return { clock: machine.realTime, origin_s: 0 };
  if (id === CLOCK_PROCESS_CPUTIME || id === CLOCK_THREAD_CPUTIME) return { clock: machine.workTime, origin_s: 0 };
  return undefined;
}
