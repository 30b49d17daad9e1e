/**
 * Native interrupts: stops a guest in the middle of code that nobody rewrote, and does there what a safepoint does. The
 * thread's host calls `land` from within the engine's own check of the stack (V8's interrupts, by way of the inspector).
 * No exception passes from there to the guest: a run that ends inside is finished inside, and its guest left behind.
 */
import { assert } from '../assert.ts';
import { RealClock } from '../clock/real-clock.ts';
import type { NativeInterrupts, RealTime } from '../clock/real-time.ts';
import { Crossing, type Landing } from '../scheduler/crossing.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import type { Frame } from '../scheduler/outcome.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineCore } from './core.ts';
import type { HandlerCall } from './handler-call.ts';
import type { CallGuard } from './linker.ts';
import type { MachineOptions } from './options.ts';

/** How soon the mailbox of a guest that calls nobody is looked at, or a masked function again. */
const SOON_NS = 1e6;

export interface NativeHost {
  readonly loop: SchedulerLoop;
  readonly clock: RealClock;
  readonly realTime: RealTime & { readonly native: NativeInterrupts };
  /** Whether the guest is in a function in which no handler may run. */
  isMasked(): boolean;
  /** Whether there is a mailbox, which wants to be looked at. */
  polls(): boolean;
  /** Something ended the run where it cannot unwind the guest. */
  left(error: unknown): void;
}

export class NativeInterruption {
  readonly #host: NativeHost;
  readonly #crossing = new Crossing((how) => this.#look(how));
  #left = false;

  constructor(host: NativeHost) {
    this.#host = host;
    host.realTime.native.connect(() => this.#crossing.land());
  }

  /** Runs guest code. */
  run<T>(call: () => T): T {
    this.#schedule();
    return this.#crossing.run(call);
  }

  /** Runs handlers as guest code. */
  surround(handlers: HandlerCall): void {
    handlers.surround((call) => this.run(call));
  }

  /** Whenever the guest is granted a budget, which it does not use, it is to be interrupted for what comes next. */
  scheduling(setBudget: (budget: number) => void): (budget: number) => void {
    return (budget) => {
      setBudget(budget);
      this.#schedule();
    };
  }

  /** What happens around host calls, during which nothing may land. */
  guard(guard: CallGuard): CallGuard {
    const native = this;
    return {
      before: () => {
        this.#leaveGuest();
        guard.before();
      },
      after: () => {
        guard.after();
        this.#crossing.enter();
      },
      failed: (error) => guard.failed(error),
      get timeless() {
        return native.guard(guard.timeless);
      },
    };
  }

  /** A call of the guest's begins. A guest that was left behind goes no further. */
  #leaveGuest(): void {
    this.#crossing.leave();
    while (this.#left) this.#host.realTime.rest(undefined);
  }

  /** Asks to be interrupted for what comes next. */
  #schedule(): void {
    const { loop, clock, realTime } = this.#host;
    const next = loop.timeline.nextKey ?? Number.POSITIVE_INFINITY;
    const at = this.#host.polls() ? Math.min(next, clock.now + SOON_NS) : next;
    realTime.native.alarm(at < Number.MAX_SAFE_INTEGER ? clock.hostTimeOf(at as typeof clock.now) : undefined);
  }

  #look(how: Landing): void {
    const { loop, realTime } = this.#host;
    if (how === 'returning') {
      loop.interrupted(false);
      return;
    }
    try {
      const masked = this.#host.isMasked();
      loop.interrupted(masked);
      if (masked && loop.deliverable) realTime.native.alarm(realTime.nowNs() + SOON_NS);
    } catch (error) {
      this.#crossing.close();
      this.#left = true;
      this.#host.left(error);
    }
  }
}

/** What this needs of the guest's side. */
export interface NativeFirmware {
  readonly module: Module;
  readonly mask: { readonly masks: (name: string) => boolean };
  /** Whether its code unwinds or rewinds its stack by itself. */
  readonly isUnwinding: boolean;
  framesOf(error: Error): readonly Frame[];
  /** Concludes a run that ended where it cannot unwind the guest. */
  leaveBehind(error: unknown): void;
}

export function interruptNatively(
  core: MachineCore,
  { realTime }: MachineOptions,
  firmware: NativeFirmware,
): NativeInterruption {
  const { clock, loop } = core;
  const { module } = firmware;
  const { masks } = firmware.mask;
  const native = realTime?.native;
  assert(native !== undefined && clock instanceof RealClock, 'preemption was checked');
  const names = module.bodies.map((_, at) => module.functionName(module.importedFunctions + at));
  const hasMasked = names.some((name) => masks(name));
  return new NativeInterruption({
    loop,
    clock,
    realTime: { ...realTime!, native },
    isMasked: () => firmware.isUnwinding || (hasMasked && masks(firmware.framesOf(new Error())[0]?.function ?? '')),
    polls: () => core.mailbox !== undefined,
    left: (error) => {
      if (loop.restarting) {
        const message = 'a reset cannot unwind code that was interrupted natively';
        loop.conclude({ kind: 'trap', message, advice: 'use --preempt safepoints', backtrace: [] });
      }
      firmware.leaveBehind(error);
    },
  });
}
