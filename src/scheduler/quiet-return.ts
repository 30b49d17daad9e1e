/**
 * Whether anything hangs on the return of the handler that has just begun. Mostly nothing does: nobody listens, nothing waits
 * for it, and what was interrupted goes on. Then the WebAssembly code around the guest returns without calling the host,
 * which catches up when it is called next (registers.ts): one crossing less for an interrupt.
 *
 * That is decided ahead, and holds until the guest calls out: whatever the handler might change, it changes through the host.
 * What comes without the guest's doing, in real time, is looked at each time, and so never returned from quietly.
 */
import type { InterruptController } from '../interrupts/controller.ts';
import type { Attention } from './attention.ts';
import type { SignalSource } from './participants.ts';
import { FIRST_SIGNAL_SLOT, type Registers } from './registers.ts';

/** Not as it is exported, for V8 to see through it. */
const SIGNALS = FIRST_SIGNAL_SLOT;

export class QuietReturn {
  readonly #attention: Attention;
  readonly #controller: InterruptController;
  readonly #registers: Registers;

  constructor(attention: Attention, controller: InterruptController, registers: Registers) {
    this.#attention = attention;
    this.#controller = controller;
    this.#registers = registers;
  }

  /** Sees to it that the handler in `slot`, which runs next, returns quietly if it may. */
  allow(slot: number, signals: SignalSource | undefined): void {
    if (!this.#attention.isQuiet) return;
    const leadsOn =
      slot >= SIGNALS ? signals!.endLeadsOn : this.#controller.endLeadsOn || signals?.deliverable === true;
    if (!leadsOn) this.#registers.returnQuietly(slot);
  }
}
