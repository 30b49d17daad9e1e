/**
 * Calls of the guest that take JavaScript promises to answer. The calling task parks; after the declared latency, in
 * machine time, it goes on with the result. Should the promise not have settled by then, the machine waits for it: so the
 * events of a run depend on what promises give, and not on when they do.
 */
import type { Alarm } from '../clock/alarms.ts';
import { WirqError } from '../errors.ts';
import type { AsyncCall, GuestOfHost, HostAnswer, HostFunction, HostModule } from '../guests/interface.ts';
import type { Dispatcher } from '../scheduler/dispatcher.ts';
import type { Thread } from '../scheduler/thread.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineCore } from './core.ts';
import { fitting, hostModulesOf } from './given-functions.ts';
import { GuestFault } from './guest-fault.ts';
import type { MachineOptions } from './options.ts';
import { answerTo, type FindTag, raise } from './rejections.ts';

const DEFAULT_LATENCY_NS = 1_000_000;

/** Whether a host function of the user's is being called: what it does after its first await is no longer part of the call. */
export class OpenCall {
  #depth = 0;

  /** @throws WirqError `bad-argument` outside of one. */
  require(what: string): void {
    if (this.#depth > 0) return;
    throw new WirqError('bad-argument', `${what} is called where no call of the guest's waits for it`, {
      advice: 'call the guest from within a host function, before its first await',
    });
  }

  within<T>(call: () => T): T {
    this.#depth++;
    try {
      return call();
    } finally {
      this.#depth--;
    }
  }
}

/** For looking at host functions without a guest. */
export const NO_GUEST: GuestOfHost = { memory: () => undefined, function: () => undefined };

/** The user's host functions in one form. @throws WirqError `bad-argument`. */
export function hostModules(options: MachineOptions, guest: GuestOfHost): Readonly<Record<string, HostModule>> {
  return hostModulesOf(typeof options.imports === 'function' ? options.imports(guest) : (options.imports ?? {}));
}

/** The first import of a module that is answered by promises; undefined when none is. */
export function asyncImport(module: Module, given: Readonly<Record<string, HostModule>>): string | undefined {
  const found = module.imports.find((each) => given[each.module]?.[each.name]?.async !== undefined);
  return found === undefined ? undefined : `${found.module}.${found.name}, which answers with a promise`;
}

interface Settled {
  readonly value?: unknown;
  readonly reason?: unknown;
  readonly rejected: boolean;
}

/** What a thread waits for. */
interface Pending {
  readonly abort: AbortController;
  readonly due: Alarm;
}

export class Promises {
  readonly #core: MachineCore;
  readonly #dispatcher: Dispatcher;
  readonly #options: MachineOptions;
  readonly #findTag: FindTag;
  /** Who waits, and how they are told that nobody does any more. */
  readonly #pending = new Map<Thread, Pending>();
  #count = 0;

  constructor(core: MachineCore, dispatcher: Dispatcher, options: MachineOptions, findTag: FindTag) {
    this.#core = core;
    this.#dispatcher = dispatcher;
    this.#options = options;
    this.#findTag = findTag;
    dispatcher.onFinished.push((thread) => this.#forget(thread));
  }

  /** The run is over: nobody waits any more. */
  cancel(): void {
    for (const thread of [...this.#pending.keys()]) this.#forget(thread);
  }

  #forget(thread: Thread): void {
    const pending = this.#pending.get(thread);
    if (pending === undefined) return;
    this.#pending.delete(thread);
    pending.due.cancel();
    pending.abort.abort();
  }

  /** Calls a host function; where it gives a promise, the calling task waits for it. `type` is what the guest takes. */
  call(name: string, { call, async = {} }: HostFunction, args: readonly unknown[], type: string | undefined): unknown {
    const abort = new AbortController();
    const answer: unknown = async.cancellable === true ? call(...args, abort.signal) : call(...args);
    if (!isPromise(answer)) return fitting(name, type, answer);
    const number = ++this.#count;
    this.#core.emit('await', { call: name, number });
    let settled: Settled | undefined;
    const settling = answer.then(
      (value) => {
        settled = { value, rejected: false };
      },
      (reason) => {
        settled = { reason, rejected: true };
      },
    );
    const wake = () => this.#dispatcher.wake(thread, 'ready');
    const wait = () =>
      this.#pending.has(thread) ? this.#wait(settling, () => settled !== undefined, wake) : undefined;
    const due = this.#due(async, () => this.#dispatcher.pauseFor(wait));
    const waits = this.#dispatcher.waitForWake(`for the promise of ${name}`, () => {
      this.#pending.delete(thread);
      const given = () => resultOf(name, settled!, async);
      const result = async.answered === undefined ? given() : async.answered(given);
      this.#core.emit('settle', { call: name, number, ...described(result) });
      if (typeof result === 'object') return raise(name, result, this.#findTag);
      return fitting(`the promise of ${name}`, type, result);
    });
    const thread = this.#dispatcher.current!;
    this.#pending.set(thread, { abort, due });
    this.#core.atReset(() => due.cancel());
    return waits;
  }

  #due({ latency_ns = DEFAULT_LATENCY_NS }: AsyncCall, act: () => void): Alarm {
    const alarm = this.#core.loop.timeline.create(act);
    alarm.after(latency_ns);
    return alarm;
  }

  /** Where there is a limit of wall time, it ends this wait too: the loop then looks at it, and waits again if need be. */
  async #wait(settling: Promise<void>, isSettled: () => boolean, wake: () => void): Promise<void> {
    const { wall, tape } = this.#options;
    tape?.pause();
    if (wall?.sleep === undefined) await settling;
    else {
      const enough = new AbortController();
      await Promise.race([settling, wall.sleep(wall.limitMs, enough.signal)]);
      enough.abort();
    }
    tape?.resume();
    if (isSettled()) wake();
    else this.#dispatcher.pauseFor(() => this.#wait(settling, isSettled, wake));
  }
}

function resultOf(name: string, settled: Settled, { rejected }: AsyncCall): HostAnswer {
  if (settled.rejected) return answerTo(name, settled.reason, rejected);
  const { value } = settled;
  if (value === undefined || typeof value === 'number' || typeof value === 'bigint') return value;
  throw new GuestFault(`the promise of ${name} gave a ${typeof value}`, 'a guest can take numbers only');
}

/** What the log says of it. */
function described(result: HostAnswer): Record<string, string> {
  if (result === undefined) return {};
  return typeof result === 'object' ? { exception: result.exception } : { result: String(result) };
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
