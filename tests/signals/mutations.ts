/**
 * Deliberate mistakes in the signal semantics, one line of the sources each, and the program that notices. The list is
 * data for mutations.test.ts; what is replaced has to occur exactly once in its file.
 */

export interface Mutation {
  readonly mistake: string;
  /** Below src/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** A program that does something else then. */
  readonly caughtBy: string;
}

const DELIVERY = 'machine/signal-delivery.ts';
const FRAMES = 'machine/signal-frames.ts';
const PENDING = 'signals/pending.ts';
const PROCESS = 'signals/process-signals.ts';
const TIMERS = 'signals/timers.ts';
const CALLS = 'guests/signal.ts';
const TIMER_CALLS = 'guests/signal-timers.ts';

export const MUTATIONS: readonly Mutation[] = [
  {
    mistake: 'a signal is not blocked in its own handler',
    file: DELIVERY,
    from: '(flags & SA_NODEFER) === 0 ? signal : 0',
    to: '0',
    caughtBy: 'self-masked',
  },
  {
    mistake: 'SA_NODEFER has no effect',
    file: DELIVERY,
    from: '(flags & SA_NODEFER) === 0 ? signal : 0',
    to: 'signal',
    caughtBy: 'nodefer',
  },
  {
    mistake: 'sa_mask has no effect',
    file: PROCESS,
    from: 'blocked.set(blocked.low | mask.low, blocked.high | mask.high);',
    to: '',
    caughtBy: 'sa-mask',
  },
  {
    mistake: 'sa_mask replaces the mask instead of adding to it',
    file: PROCESS,
    from: 'blocked.set(blocked.low | mask.low, blocked.high | mask.high);',
    to: 'blocked.set(mask.low, mask.high);',
    caughtBy: 'sa-mask-adds-up',
  },
  {
    mistake: 'SA_RESETHAND has no effect',
    file: DELIVERY,
    from: 'if ((flags & SA_RESETHAND) !== 0) disposition.handler = SIG_DFL;',
    to: '',
    caughtBy: 'resethand',
  },
  {
    mistake: 'the mask stays as the handler left it',
    file: DELIVERY,
    from: 'if (frame === undefined) state.setMask(maskLow, maskHigh);',
    to: 'if (frame === undefined) state.setMask(state.blocked.low, state.blocked.high);',
    caughtBy: 'mask-restored',
  },
  {
    mistake: 'a change of uc_sigmask has no effect',
    file: DELIVERY,
    from: 'state.setMask(maskAfter[0], maskAfter[1]);',
    to: 'state.setMask(low, high);',
    caughtBy: 'ucontext-mask-changed',
  },
  {
    mistake: 'handlers that are deliverable together run one after another',
    file: DELIVERY,
    from: 'if (disposition.isCaught) this.#begin(info, disposition);',
    to: 'if (disposition.isCaught) { this.#begin(info, disposition); return this.#callTop(); }',
    caughtBy: 'pending-order',
  },
  {
    mistake: 'the mask of sigsuspend stays in force',
    file: DELIVERY,
    from: 'this.#maskAfterWait ?? state.blocked',
    to: 'state.blocked',
    caughtBy: 'suspend',
  },
  {
    mistake: 'SA_RESTART has no effect',
    file: DELIVERY,
    from: '!waiting.restarts || (flags & SA_RESTART) === 0',
    to: 'true',
    caughtBy: 'read-restarted',
  },
  {
    mistake: 'calls are always restarted',
    file: DELIVERY,
    from: '!waiting.restarts || (flags & SA_RESTART) === 0',
    to: '!waiting.restarts',
    caughtBy: 'read-interrupted',
  },
  {
    mistake: 'calls that never restart do under SA_RESTART',
    file: DELIVERY,
    from: '!waiting.restarts || (flags & SA_RESTART) === 0',
    to: '(flags & SA_RESTART) === 0',
    caughtBy: 'sleep-restart-flag',
  },
  {
    mistake: 'a fault is handled although it is blocked',
    file: DELIVERY,
    from: 'disposition.isCaught && !state.blocked.has(signal) &&',
    to: 'disposition.isCaught &&',
    caughtBy: 'division-by-zero-blocked',
  },
  {
    mistake: 'a real-time queue is last in, first out',
    file: PENDING,
    from: 'else this.#behind[signal].push(info);',
    to: 'else this.#behind[signal].unshift(info);',
    caughtBy: 'realtime-queue',
  },
  {
    mistake: 'standard signals queue',
    file: PENDING,
    from: "if (standard && this.set.has(signal)) return 'coalesced';",
    to: '',
    caughtBy: 'standard-signals-coalesce',
  },
  {
    mistake: 'real-time signals coalesce',
    file: PENDING,
    from: 'const standard = signal < SIGRTMIN_KERNEL;',
    to: 'const standard = signal <= 64;',
    caughtBy: 'realtime-by-kill',
  },
  {
    mistake: 'a full queue takes signals without their values instead of refusing them',
    file: PENDING,
    from: "if (!standard && info.code !== SI_USER) return 'full';",
    to: '',
    caughtBy: 'queue-limit',
  },
  {
    mistake: 'standard signals do not get through when the queue is full',
    file: PENDING,
    from: 'const overridesLimit = standard && info.code >= 0;',
    to: "const overridesLimit = false; if (info.code >= 0) return 'full';",
    caughtBy: 'queue-limit-and-standard-signals',
  },
  {
    mistake: 'taking a signal makes no room in the queue',
    file: PENDING,
    from: 'if (info !== undefined) this.#limit.used--;',
    to: '',
    caughtBy: 'queue-limit-frees',
  },
  {
    mistake: 'discarding a queue makes no room',
    file: PENDING,
    from: 'while (this.set.has(signal)) this.take(signal).source?.dropped();',
    to: 'this.#first[signal] = this.#behind[signal] = undefined; this.set.delete(signal);',
    caughtBy: 'queue-limit-ignored',
  },
  {
    mistake: 'the highest number is delivered first',
    file: PROCESS,
    from: 'if (low !== 0) return 32 - Math.clz32(low & -low);',
    to: 'if (low !== 0) return 32 - Math.clz32(low);',
    caughtBy: 'pending-order-masked',
  },
  {
    mistake: 'real-time signals go before standard signals',
    file: PROCESS,
    from: 'if (low !== 0) return 32',
    to: 'if (low !== 0 && high === 0) return 32',
    caughtBy: 'standard-before-realtime',
  },
  {
    mistake: 'signals of faults have no precedence',
    file: PROCESS,
    from: 'return synchronous !== 0 ? first(synchronous, 0) : first(low, high);',
    to: 'return first(low, high + 0 * synchronous);',
    caughtBy: 'pending-faults-first',
  },
  {
    mistake: "the process's signals go before the thread's",
    file: PROCESS,
    from: 'this.#deliverable.meets(this.#thread.set) ? this.#thread : this.#shared',
    to: 'this.#deliverable.meets(this.#shared.set) ? this.#shared : this.#thread',
    caughtBy: 'pending-to-thread-first',
  },
  {
    mistake: 'SIG_IGN leaves what is pending',
    file: PROCESS,
    from: 'return this.dispositions.isIgnored(signal) ? this.#discard(signal) : 0;',
    to: 'return 0;',
    caughtBy: 'ignore-discards-pending',
  },
  {
    mistake: 'a signal that is blocked and ignored is discarded',
    file: PROCESS,
    from: 'if (isOpen && this.dispositions.isIgnored(signal)) {',
    to: 'if (this.dispositions.isIgnored(signal)) {',
    caughtBy: 'blocked-and-ignored',
  },
  {
    mistake: 'SIGKILL can be blocked',
    file: PROCESS,
    from: 'const UNBLOCKABLE = SignalSet.of(SIGKILL, SIGSTOP);',
    to: 'const UNBLOCKABLE = SignalSet.of(SIGSTOP);',
    caughtBy: 'kill-cannot-be-blocked',
  },
  {
    mistake: 'SIGCONT leaves pending stops',
    file: PROCESS,
    from: 'if (signal === SIGCONT) for (const stop of STOPS.members()) this.#discard(stop);',
    to: '',
    caughtBy: 'stop-discards-continue',
  },
  {
    mistake: 'SIGCONT does not continue',
    file: PROCESS,
    from: 'this.stopped = false;\n    if',
    to: 'if',
    caughtBy: 'stop-and-continue',
  },
  {
    mistake: 'SA_ONSTACK has no effect',
    file: FRAMES,
    from: 'const switches = (flags & SA_ONSTACK) !== 0 &&',
    to: 'const switches = (flags & SA_ONSTACK) === 64 &&',
    caughtBy: 'stack-switches',
  },
  {
    mistake: 'a nested handler starts at the top of the alternate stack again',
    file: FRAMES,
    from: 'alternate.isEnabled && !wasOnIt;',
    to: 'alternate.isEnabled;',
    caughtBy: 'stack-nested',
  },
  {
    mistake: 'the red zone of what is interrupted is not kept',
    file: 'machine/handler-call.ts',
    from: '.s32(RED_ZONE_BYTES)',
    to: '.s32(0 * RED_ZONE_BYTES)',
    caughtBy: 'arrays-untouched',
  },
  {
    mistake: 'the alternate stack can be changed while it is used',
    file: CALLS,
    from: 'if (onIt) return -EPERM;',
    to: '',
    caughtBy: 'stack-busy',
  },
  {
    mistake: 'raise() says that kill() did it',
    file: CALLS,
    from: 'new SignalsFromSelf(SI_TKILL)',
    to: 'new SignalsFromSelf(SI_USER + 0 * SI_TKILL)',
    caughtBy: 'siginfo-raise',
  },
  {
    mistake: 'ITIMER_VIRTUAL counts sleep',
    file: TIMER_CALLS,
    from: 'new IntervalTimer(machine.workTime, SIGVTALRM',
    to: 'new IntervalTimer(machine.realTime, SIGVTALRM',
    caughtBy: 'itimer-virtual-asleep',
  },
  {
    mistake: 'alarm() rounds the rest down',
    file: TIMER_CALLS,
    from: 'Math.max(1, Math.round(left / 1e9))',
    to: 'Math.floor(left / 1e9)',
    caughtBy: 'alarm-returns-rest',
  },
  {
    mistake: 'overruns are not counted',
    file: TIMERS,
    from: 'this.overrun = this.proceed();',
    to: 'this.proceed();',
    caughtBy: 'timer-overrun',
  },
];
