/** What the interface `wirq/irq` (guests/irq.ts) does to the machine. A class, so that V8 sees what is called. */
import type { IrqMachine } from '../guests/irq.ts';
import type { InterruptController } from '../interrupts/controller.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import type { SysTick } from '../interrupts/systick.ts';
import type { MachineCore } from './core.ts';
import { supervisorCall } from './faults.ts';

export class IrqSide implements IrqMachine {
  readonly controller: InterruptController;
  readonly systick: SysTick;
  readonly setVector: (n: ExceptionNumber, tableIndex: number) => void;
  readonly #core: MachineCore;

  constructor(core: MachineCore, setVector: (n: ExceptionNumber, tableIndex: number) => void) {
    this.#core = core;
    this.controller = core.controller;
    this.systick = core.systick;
    this.setVector = setVector;
  }

  pend(n: ExceptionNumber): void {
    this.#core.injected[n] = 1;
    this.#core.pend(n, 'guest');
  }

  waitForInterrupt(): unknown {
    const ready = () => this.controller.wakesUp;
    return this.#core.wait({ deadline: undefined, ready, wakeOnInterrupt: true }, () => undefined);
  }

  /**
   * A handler that ran since the last wait has set the register: what it told is not slept over. What PRIMASK holds back is no
   * event (B1.5.18), unlike for a wait for interrupt.
   */
  waitForEvent(): unknown {
    const { controller } = this;
    const ready = () => controller.eventRegister;
    return this.#core.wait({ deadline: undefined, ready, wakeOnInterrupt: true }, () => {
      controller.eventRegister = false;
    });
  }

  sendEvent(): void {
    this.controller.eventRegister = true;
  }

  supervisorCall(number: number): void {
    supervisorCall(this.#core, number);
  }

  svcNumber(): number {
    return this.#core.svcNumber;
  }

  faultCause(): number {
    return this.#core.faultCause;
  }

  attend(): void {
    this.#core.loop.attend();
  }

  systemReset(): void {
    this.#core.requestReset('software');
  }

  attendInterrupt(): void {
    this.#core.loop.attendInterrupt();
  }

  logMask(mask: string, value: number): void {
    this.#core.times.masked(this.controller.isMasked);
    if (this.#core.observed) this.#core.emit('mask', { mask, value });
  }

  fail(message: string): never {
    return this.#core.fail(message);
  }
}
