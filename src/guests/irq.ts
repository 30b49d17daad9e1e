/**
 * `wirq/irq`: the interrupt controller as firmware sees it. Names and numbers follow CMSIS-Core (core_cm3.h, NVIC and
 * core register access functions). A line number outside the range is a programming error and stops the machine,
 * except in the queries, which answer 0, as reserved bits read as zero on hardware.
 */
import type { InterruptController } from '../interrupts/controller.ts';
import { type ExceptionNumber, exceptionOf, isLine, LINE_COUNT, type LineNumber } from '../interrupts/exceptions.ts';
import type { SysTick } from '../interrupts/systick.ts';
import type { HostModule } from './interface.ts';

/** What the interface needs beyond the controller itself. */
export interface IrqMachine {
  readonly controller: InterruptController;
  /** Pends by software: the same path as a line from outside. */
  pend(exception: ExceptionNumber): void;
  /** Makes function `tableIndex` of the guest's table the handler. Throws when its shape is wrong. */
  setVector(exception: ExceptionNumber, tableIndex: number): void;
  /** Both give what the call returns to the guest with: a call that parks its task has no result yet. */
  waitForInterrupt(): unknown;
  waitForEvent(): unknown;
  sendEvent(): void;
  readonly systick: SysTick;
  /** SVC: its handler runs before the call returns. */
  supervisorCall(number: number): void;
  svcNumber(): number;
  faultCause(): number;
  /** Something has changed: look before the call returns to the guest. */
  attend(): void;
  /** Restarts the firmware: does not return to it. */
  systemReset(): void;
  /** No more than that an exception may have become deliverable. */
  attendInterrupt(): void;
  logMask(mask: string, value: number): void;
  fail(message: string): never;
}

const LINES = LINE_COUNT;
const FIRST_LINE = exceptionOf(0 as LineNumber);

export const IRQ_MODULE = 'wirq/irq';

export function createIrqModule(machine: IrqMachine): HostModule {
  const { controller } = machine;
  const exception = (line: number, from: string) => lineOrFail(machine, line, from);
  const query = (answer: (n: ExceptionNumber) => boolean) => ({
    signature: 'i>i',
    call: (line: number) => (isLine(line) && answer(exceptionOf(line)) ? 1 : 0),
  });
  const command = (name: string, act: (n: ExceptionNumber) => void) => ({
    signature: 'i>',
    call: (line: number) => {
      act(exception(line, name));
      machine.attendInterrupt();
    },
  });
  return {
    enable: command('enable', (n) => controller.enable(n)),
    disable: command('disable', (n) => controller.disable(n)),
    is_enabled: query((n) => controller.isEnabled(n)),
    set_pending: { signature: 'i>', call: (line: number) => machine.pend(lineOrFail(machine, line, 'set_pending')) },
    clear_pending: command('clear_pending', (n) => controller.clearPending(n)),
    is_pending: query((n) => controller.isPending(n)),
    is_active: query((n) => controller.isActive(n)),
    set_priority: {
      signature: 'ii>',
      call: (line: number, priority: number) => {
        controller.setPriority(exception(line, 'set_priority'), priority);
        machine.attendInterrupt();
      },
    },
    get_priority: {
      signature: 'i>i',
      call: (line: number) => controller.priorityOf(exception(line, 'get_priority')),
    },
    set_vector: {
      signature: 'ii>',
      call: (line: number, tableIndex: number) => machine.setVector(exception(line, 'set_vector'), tableIndex >>> 0),
    },
    current: { signature: '>i', call: () => controller.current },
    wfi: { signature: '>', call: () => machine.waitForInterrupt() },
    wfe: { signature: '>', call: () => machine.waitForEvent() },
    sev: { signature: '>', call: () => machine.sendEvent() },
    system_reset: { signature: '>', call: () => machine.systemReset() },
    svc: { signature: 'i>', call: (number: number) => machine.supervisorCall(number) },
    svc_number: { signature: '>i', call: () => machine.svcNumber() },
    fault_cause: { signature: '>i', call: () => machine.faultCause() },
    ...systemControl(machine),
    ...systick(machine),
    ...masks(machine),
  };
}

/** External lines at once: V8 sees through no function that is imported. */
function lineOrFail(machine: IrqMachine, line: number, from: string): ExceptionNumber {
  if (line >= 0 && line < LINES) return (line + FIRST_LINE) as ExceptionNumber;
  if (isLine(line)) return exceptionOf(line);
  return machine.fail(
    `${from}(${line}): there is no such interrupt line (lines are 0…239, system exceptions negative)`,
  );
}

function masks(machine: IrqMachine): HostModule {
  const { controller } = machine;
  const set = (mask: string, exchange: (value: number) => number) => ({
    signature: 'i>i',
    call: (value: number) => {
      const old = exchange(value);
      machine.logMask(mask, value);
      machine.attendInterrupt();
      return old;
    },
  });
  return {
    set_primask: set('PRIMASK', (value) => {
      const old = controller.primask ? 1 : 0;
      controller.primask = (value & 1) === 1;
      return old;
    }),
    get_primask: { signature: '>i', call: () => (controller.primask ? 1 : 0) },
    set_basepri: set('BASEPRI', (value) => {
      const old = controller.basepri;
      controller.basepri = value;
      return old;
    }),
    set_basepri_max: set('BASEPRI', (value) => {
      const old = controller.basepri;
      controller.raiseBasepri(value);
      return old;
    }),
    get_basepri: { signature: '>i', call: () => controller.basepri },
    set_faultmask: set('FAULTMASK', (value) => {
      const old = controller.faultmask ? 1 : 0;
      controller.faultmask = (value & 1) === 1;
      return old;
    }),
    get_faultmask: { signature: '>i', call: () => (controller.faultmask ? 1 : 0) },
  };
}

/** AIRCR.PRIGROUP and SCR (ARMv7-M B3.2.6, B3.2.7). */
function systemControl(machine: IrqMachine): HostModule {
  const { controller } = machine;
  return {
    set_priority_grouping: {
      signature: 'i>',
      call: (grouping: number) => {
        controller.grouping = grouping;
        machine.attendInterrupt();
      },
    },
    get_priority_grouping: { signature: '>i', call: () => controller.grouping },
    set_scr: {
      signature: 'i>i',
      call: (value: number) => {
        const old = controller.systemControl;
        controller.systemControl = value;
        return old;
      },
    },
    get_scr: { signature: '>i', call: () => controller.systemControl },
  };
}

/** SysTick's registers (ARMv7-M B3.3), and CMSIS-Core's SysTick_Config over them. */
function systick(machine: IrqMachine): HostModule {
  const timer = machine.systick;
  const changed = <T>(act: (value: number) => T) => {
    return (value: number): T => {
      const result = act(value);
      machine.attend();
      return result;
    };
  };
  return {
    systick: { signature: 'i>i', call: changed((reload) => timer.configure(reload)) },
    set_systick_ctrl: { signature: 'i>', call: changed((value) => timer.writeControl(value)) },
    get_systick_ctrl: { signature: '>i', call: () => timer.readControl() },
    set_systick_load: {
      signature: 'i>',
      call: (value: number) => {
        timer.load = value;
      },
    },
    get_systick_load: { signature: '>i', call: () => timer.load },
    set_systick_val: { signature: 'i>', call: changed(() => timer.clear()) },
    get_systick_val: { signature: '>i', call: () => timer.value },
    get_systick_calib: { signature: '>i', call: () => timer.calibration },
  };
}
