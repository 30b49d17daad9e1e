/**
 * Signals where threads have stacks of their own: a handler runs to its end on the stack of whom it interrupts. While nobody
 * runs and somebody is about to go on, it waits for them; where all wait, it begins below what the main task has on its stack.
 */
import type { Dispatcher } from './dispatcher.ts';
import type { SignalSource } from './participants.ts';

export class SignalsOnStacks implements SignalSource {
  readonly #signals: SignalSource;
  readonly #dispatcher: Dispatcher;

  constructor(signals: SignalSource, dispatcher: Dispatcher) {
    this.#signals = signals;
    this.#dispatcher = dispatcher;
  }

  get deliverable(): boolean {
    const { current, queue } = this.#dispatcher;
    return this.#signals.deliverable && (current !== undefined || queue.size === 0);
  }

  deliver(): void {
    const dispatcher = this.#dispatcher;
    const act = () => dispatcher.pinned(() => this.#signals.deliver());
    if (dispatcher.current !== undefined || dispatcher.main.state === 'ended') act();
    else dispatcher.belowMain(act);
  }
}
