/**
 * Signals where threads have stacks of their own: a handler runs to its end on the stack of whom it interrupts. While nobody
 * runs and somebody is about to go on, it waits for them; where all wait, it begins below what the main task has on its stack.
 */
import type { Dispatcher } from './dispatcher.ts';
import type { SignalSource } from './participants.ts';

export class SignalsOnStacks implements SignalSource {
  readonly #signals: SignalSource;
  readonly #dispatcher: Dispatcher;
  readonly #call: (slot: number) => void;

  /** `call` calls the handler in a slot, and settles the clock. */
  constructor(signals: SignalSource, dispatcher: Dispatcher, call: (slot: number) => void) {
    this.#signals = signals;
    this.#dispatcher = dispatcher;
    this.#call = call;
  }

  get deliverable(): boolean {
    const { current, queue } = this.#dispatcher;
    return this.#signals.deliverable && (current !== undefined || queue.size === 0);
  }

  /** None is named to be called. */
  get endLeadsOn(): boolean {
    return true;
  }

  /** All of them run in here. */
  next(): 0 {
    const dispatcher = this.#dispatcher;
    const act = () => dispatcher.pinned(() => this.#runAll());
    if (dispatcher.current !== undefined || dispatcher.main.state === 'ended') act();
    else dispatcher.belowMain(act);
    return 0;
  }

  #runAll(): void {
    for (let slot = this.#signals.next(); slot !== 0; slot = this.#signals.left(false)) this.#call(slot);
  }

  left(alone: boolean): number {
    return this.#signals.left(alone);
  }
}
