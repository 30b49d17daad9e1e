/**
 * POSIX signals for firmware in AssemblyScript: the functions of `<signal.h>`, with Linux's numbers (signal(7)), over the
 * import module `wirq/signal`. Layouts are in docs/signals.md; sdk/c/signal.h says the same for C. Every function answers
 * 0, or its value, or a negative errno of WASI's.
 *
 * A handler is a function of one i32, the signal; with SA_SIGINFO of three: the signal, and the addresses of a siginfo_t
 * and a ucontext_t. These lie in `wirq_signal_frame`, which the entry file has to export for that; there is one, so a
 * handler reads it before it lets other signals in. Give asc `--exportTable`, or it may drop the function table.
 *
 * ```ts
 * import { signal } from './signal';
 *
 * let alarms = 0;
 *
 * export function main(): i32 {
 *   signal.handle(signal.SIGALRM, (number: i32) => { alarms++; });
 *   signal.alarm(1);
 *   signal.pause();
 *   return alarms;
 * }
 * ```
 */

/** Where handlers with SA_SIGINFO find what they are told: `export { wirq_signal_frame } from './signal'`. */
export const wirq_signal_frame: usize = memory.data(176);

const action = memory.data(24);
const set = memory.data(8);
const timer = memory.data(32);

export namespace signal {
  export const SIGHUP: i32 = 1;
  export const SIGINT: i32 = 2;
  export const SIGQUIT: i32 = 3;
  export const SIGILL: i32 = 4;
  export const SIGTRAP: i32 = 5;
  export const SIGABRT: i32 = 6;
  export const SIGBUS: i32 = 7;
  export const SIGFPE: i32 = 8;
  export const SIGKILL: i32 = 9;
  export const SIGUSR1: i32 = 10;
  export const SIGSEGV: i32 = 11;
  export const SIGUSR2: i32 = 12;
  export const SIGPIPE: i32 = 13;
  export const SIGALRM: i32 = 14;
  export const SIGTERM: i32 = 15;
  export const SIGCHLD: i32 = 17;
  export const SIGCONT: i32 = 18;
  export const SIGSTOP: i32 = 19;
  export const SIGTSTP: i32 = 20;
  export const SIGVTALRM: i32 = 26;
  export const SIGPROF: i32 = 27;
  export const SIGRTMIN: i32 = 34;
  export const SIGRTMAX: i32 = 64;

  export const SIG_DFL: i32 = 0;
  export const SIG_IGN: i32 = -2;
  export const SA_SIGINFO: i32 = 4;
  export const SA_ONSTACK: i32 = 0x08000000;
  export const SA_RESTART: i32 = 0x10000000;
  export const SA_NODEFER: i32 = 0x40000000;
  export const SA_RESETHAND: i32 = <i32>0x80000000;
  export const SIG_BLOCK: i32 = 0;
  export const SIG_UNBLOCK: i32 = 1;
  export const SIG_SETMASK: i32 = 2;
  export const ITIMER_REAL: i32 = 0;
  export const ITIMER_VIRTUAL: i32 = 1;
  export const ITIMER_PROF: i32 = 2;

  // @ts-ignore: decorator
  @external("wirq/signal", "sigaction")
  export declare function sigaction(sig: i32, act: usize, old: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "sigprocmask")
  export declare function sigprocmask(how: i32, set: usize, old: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "sigpending")
  export declare function sigpending(set: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "sigsuspend")
  export declare function sigsuspend(mask: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "sigtimedwait")
  export declare function sigtimedwait(set: usize, info: usize, timeout_ns: i64): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "wait_mask")
  export declare function waitMask(mask: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "sigqueue")
  export declare function sigqueue(pid: i32, sig: i32, value: i32): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "kill")
  export declare function kill(pid: i32, sig: i32): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "raise")
  export declare function raise(sig: i32): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "sigaltstack")
  export declare function sigaltstack(stack: usize, old: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "pause")
  export declare function pause(): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "getpid")
  export declare function getpid(): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "alarm")
  export declare function alarm(seconds: i32): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "setitimer")
  export declare function setitimer(which: i32, to: usize, old: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "getitimer")
  export declare function getitimer(which: i32, current: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "timer_create")
  export declare function timerCreate(clock: i32, event: usize, id: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "timer_settime")
  export declare function timerSettime(id: i32, flags: i32, to: usize, old: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "timer_gettime")
  export declare function timerGettime(id: i32, current: usize): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "timer_getoverrun")
  export declare function timerGetoverrun(id: i32): i32;

  // @ts-ignore: decorator
  @external("wirq/signal", "timer_delete")
  export declare function timerDelete(id: i32): i32;

  function assign(sig: i32, handler: i32, flags: i32, mask: u64): i32 {
    store<i32>(action, handler);
    store<u64>(action, mask, 8);
    store<i32>(action, flags, 16);
    return sigaction(sig, action, 0);
  }

  /** Has a function called with the number of each signal `sig`; it blocks those of `mask` (`bit(a) | bit(b)`) too. */
  export function handle(sig: i32, handler: (sig: i32) => void, flags: i32 = SA_RESTART, mask: u64 = 0): i32 {
    return assign(sig, handler.index, flags, mask);
  }

  /** The same for a function that wants siginfo_t and ucontext_t. */
  export function handleInfo(
    sig: i32,
    handler: (sig: i32, info: usize, context: usize) => void,
    flags: i32 = SA_RESTART,
    mask: u64 = 0,
  ): i32 {
    return assign(sig, handler.index, flags | SA_SIGINFO, mask);
  }

  /** SIG_IGN. */
  export function ignore(sig: i32): i32 {
    return assign(sig, SIG_IGN, 0, 0);
  }

  /** SIG_DFL. */
  export function restore(sig: i32): i32 {
    return assign(sig, SIG_DFL, 0, 0);
  }

  /** A set of one signal. */
  export function bit(sig: i32): u64 {
    return (<u64>1) << (<u64>(sig - 1));
  }

  /** Changes the mask of blocked signals (`how`: SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK). @returns the one before. */
  export function mask(how: i32, signals: u64): u64 {
    store<u64>(set, signals);
    sigprocmask(how, set, set);
    return load<u64>(set);
  }

  /** Sends the timer's signal first after `first_us` and then every `period_us`; 0 stops it. */
  export function interval(which: i32, first_us: i64, period_us: i64): i32 {
    store<i64>(timer, period_us / 1000000);
    store<i64>(timer, period_us % 1000000, 8);
    store<i64>(timer, first_us / 1000000, 16);
    store<i64>(timer, first_us % 1000000, 24);
    return setitimer(which, timer, 0);
  }

  /** si_code, si_pid, si_value: what a handler with SA_SIGINFO is told. */
  export function codeOf(info: usize): i32 {
    return load<i32>(info, 8);
  }

  export function pidOf(info: usize): i32 {
    return load<i32>(info, 12);
  }

  export function valueOf(info: usize): i32 {
    return load<i32>(info, 20);
  }
}
