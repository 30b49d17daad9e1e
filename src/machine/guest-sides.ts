/**
 * The two sides of the way between the guest and the host: what the guest calls out to, and the guest as the scheduler loop
 * sees it. Whether WebAssembly code in between calls the handlers (doors.ts, handler-call.ts), or JavaScript does.
 */
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import type { SchedulerLoop } from '../scheduler/loop.ts';
import type { Core } from '../scheduler/participants.ts';
import { FIRST_SIGNAL_SLOT, type Following, type Registers } from '../scheduler/registers.ts';
import type { BackendName } from '../stacks/backend.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineCore } from './core.ts';
import { canHaveDoors } from './doors.ts';
import type { Guest } from './guest.ts';
import type { GuestEnds } from './guest-ends.ts';
import type { HandlerCall, HostSide } from './handler-call.ts';
import type { CallGuard } from './linker.ts';
import type { Preemption } from './options.ts';
import { tellsState } from './self-unwinding.ts';

/**
 * Whether WebAssembly code between the guest and the host calls the handlers. Not where that would have to know more than it
 * can: of exceptions that pass or stacks that unwind, of stacks that park, of code that is interrupted anywhere.
 */
export function callsThroughDoors(module: Module, preempt: Preemption, stacks: BackendName): boolean {
  const passesOn = module.tags.length > 0 || tellsState(module);
  return preempt === 'safepoints' && stacks === 'nested' && !passesOn && canHaveDoors(module);
}

/** Not as it is exported, for V8 to see through it. */
const SIGNALS = FIRST_SIGNAL_SLOT;

/** The guest as the loop sees it. */
export class GuestSide implements Core {
  readonly isBare: boolean;
  readonly fetch: () => number;
  readonly store: (budget: number) => void;
  readonly #machine: MachineCore;
  readonly #handlers: HandlerCall;
  /** Runs a handler on a stack that can park; undefined where stacks nest. */
  readonly #handle: ((n: ExceptionNumber) => void) | undefined;

  constructor(machine: MachineCore, guest: Guest, ways: GuestWays) {
    this.isBare = !ways.throughDoors;
    this.fetch = guest.getBudget;
    this.store = ways.setBudget;
    this.#machine = machine;
    this.#handlers = guest.handlers;
    this.#handle = ways.handle;
  }

  begin(n: ExceptionNumber): number {
    if (this.#handle === undefined) return this.#machine.callHandler(n);
    this.#handle(n);
    return 0;
  }

  end(slot: number): void {
    if (slot >= SIGNALS) this.#machine.signals.end();
    else this.#machine.handlerReturned();
  }

  run(slot: number, following: Following): void {
    if (this.isBare) this.#handlers.runFromHere(slot, following);
    else this.#handlers.run(slot, following);
  }
}

export interface GuestWays {
  readonly throughDoors: boolean;
  readonly setBudget: (budget: number) => void;
  readonly handle: ((n: ExceptionNumber) => void) | undefined;
}

/** What happens around host calls behind doors. */
export class DoorGuard implements CallGuard {
  readonly #loop: SchedulerLoop;
  readonly #registers: Registers;
  readonly #ends: GuestEnds;

  constructor(loop: SchedulerLoop, ends: GuestEnds) {
    this.#loop = loop;
    this.#registers = loop.registers;
    this.#ends = ends;
  }

  before(): void {
    this.#registers.settleHere();
  }

  after(): void {
    const slot = this.#loop.afterHostCall();
    if (slot !== 0) this.#registers.callNext(slot);
  }

  failed(error: unknown): never {
    return this.#ends.failed(error);
  }

  /** Bringing machine time up to date takes less here than being told from others. */
  get timeless(): CallGuard {
    return this;
  }
}

/** What happens around other host calls. */
export class HereGuard implements CallGuard {
  readonly #loop: SchedulerLoop;
  readonly #after: () => void;
  readonly #ends: GuestEnds;

  constructor(loop: SchedulerLoop, after: () => void, ends: GuestEnds) {
    this.#loop = loop;
    this.#after = after;
    this.#ends = ends;
  }

  before(): void {
    this.#loop.settle();
  }

  after(): void {
    this.#after();
  }

  failed(error: unknown): never {
    return this.#ends.failed(error);
  }

  get timeless(): CallGuard {
    return { before: () => {}, after: this.#after, failed: (error) => this.failed(error), timeless: this };
  }
}

/** What the guest calls out to. `probe` answers as `HostSide` says, and does not throw. */
export function hostSide(core: MachineCore, ends: GuestEnds, probe: HostSide['probe']): HostSide {
  const { loop } = core;
  return {
    safepoint: (masked) => {
      try {
        return loop.safepoint(masked !== 0);
      } catch (error) {
        return ends.failed(error);
      }
    },
    probe,
    left: (slot, delivered, following, remaining) => {
      try {
        return loop.left(slot, delivered, following, remaining);
      } catch (error) {
        return ends.failed(error);
      }
    },
    threw: (slot, error) => {
      if (slot >= SIGNALS) core.signals.threw(error);
      throw error;
    },
  };
}
