/**
 * Modules that their own toolchain made able to unwind (TinyGo's scheduler, Emscripten: Binaryen, src/passes/Asyncify.cpp).
 * While such a module unwinds or rewinds its stack, each of its functions does nothing but that: a handler or another task
 * that ran then would be taken for a part of it. So nothing is delivered until the module is in its normal state again.
 */
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import { ASYNCIFY_PREFIX } from '../stacks/asyncify.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineCore } from './core.ts';
import type { Guest } from './guest.ts';

const STATE_EXPORT = `${ASYNCIFY_PREFIX}get_state`;
/** Beyond what asking costs at any granularity, so that it never comes to a safepoint of its own. */
const PLENTY = 1 << 20;

export class SelfUnwinding {
  readonly #guest: Guest;
  readonly #core: MachineCore;
  readonly #state: (() => unknown) | undefined;

  constructor(guest: Guest, module: Module, core: MachineCore) {
    this.#guest = guest;
    this.#core = core;
    this.#state = tellsState(module) ? guest.function(STATE_EXPORT) : undefined;
  }

  /** Whether the module can unwind, and tells when. */
  get watches(): boolean {
    return this.#state !== undefined;
  }

  /** Whether it is unwinding or rewinding. */
  get busy(): boolean {
    if (this.#state === undefined) return false;
    const budget = this.#guest.getBudget();
    this.#guest.setBudget(PLENTY);
    const state = this.#state();
    this.#guest.setBudget(budget);
    return state !== 0;
  }

  /** A handler has returned. */
  checkHandler(n: ExceptionNumber): void {
    if (this.busy) this.#core.fail(`the handler of ${this.#core.lineName(n)} began to unwind the stack`);
  }

  /** The entry has returned: whoever would rewind it is not here, and it has not done what it is there for. */
  checkEntry(name: string): void {
    if (!this.busy) return;
    this.#core.fail(`${name} returned because the module unwinds its stack, and nothing rewinds it`, {
      advice:
        'give the import that waits as an async function: its task then parks, on wasmfx or jspi, and nothing unwinds',
    });
  }
}

/** Whether a module can unwind, and tells when. */
export function tellsState(module: Module): boolean {
  const found = module.exports.find((each) => each.kind === 'func' && each.name === STATE_EXPORT);
  if (found === undefined) return false;
  const { params, results } = module.functionType(found.index);
  return params.length === 0 && results.join() === 'i32';
}

/** A sentence for a module that unwinds and does not tell when. */
export function untoldUnwinding(module: Module): readonly string[] {
  const unwinds = module.exports.some((each) => each.name === `${ASYNCIFY_PREFIX}start_unwind`);
  if (!unwinds || tellsState(module)) return [];
  return [
    `the module unwinds its own stack and exports no ${STATE_EXPORT}: an interrupt that lands meanwhile disturbs it`,
  ];
}
