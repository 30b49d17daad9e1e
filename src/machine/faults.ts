/**
 * Faults: from what the engine threw to the cause that HardFault's handler reads, and what comes of a fault there.
 * A trapped Wasm frame cannot be resumed: once that handler has returned, the run ends as it would have without it.
 */
import { HARD_FAULT, SV_CALL } from '../interrupts/exceptions.ts';
import { FAULT_CAUSE, type FaultCause } from '../interrupts/fault-causes.ts';
import type { MachineCore } from './core.ts';
import type { TrapOutcome } from './trap-outcome.ts';

/** A fault where no handler can run: in the handler of HardFault or NMI, or behind FAULTMASK (ARMv7-M B1.5.15). */
export function lockUp(fault: TrapOutcome, handled: TrapOutcome | undefined): TrapOutcome {
  const where = handled === undefined ? 'where HardFault is held back' : `while HardFault was handled`;
  const { message, backtrace } = handled ?? {};
  return {
    ...fault,
    message: `lock-up: ${fault.message}, ${where}`,
    ...(message === undefined || backtrace === undefined ? {} : { handled: { message, backtrace } }),
  };
}

function isStackExhaustion(cause: unknown): boolean {
  return cause instanceof RangeError && /call stack/.test(cause.message);
}

/** The engine's words for its traps, which the specification does not prescribe. */
const CAUSES: readonly (readonly [RegExp, FaultCause])[] = [
  [/unreachable/, FAULT_CAUSE.unreachable],
  [/(?:divide|remainder) by zero/, FAULT_CAUSE.divideByZero],
  [/unrepresentable/, FAULT_CAUSE.overflow],
  [/table index|signature mismatch|null function|indirect call/, FAULT_CAUSE.call],
  [/memory access|out of bounds/, FAULT_CAUSE.memory],
];

/** The cause of a trap in the guest's code; undefined for what is none. */
export function faultCause(cause: unknown): FaultCause | undefined {
  if (isStackExhaustion(cause)) return FAULT_CAUSE.stackExhausted;
  if (cause instanceof WebAssembly.Exception) return FAULT_CAUSE.exception;
  if (!(cause instanceof WebAssembly.RuntimeError)) return undefined;
  return CAUSES.find(([words]) => words.test(cause.message))?.[1] ?? FAULT_CAUSE.other;
}

/** SVC (ARMv7-M B1.5.2): taken before the call returns. Where its priority does not allow that, it is a HardFault (B1.5.14). */
export function supervisorCall(core: MachineCore, number: number): void {
  core.svcNumber = number;
  if (core.controller.priorityOf(SV_CALL) < core.controller.executionPriority) {
    core.pend(SV_CALL, 'svc');
    return;
  }
  if (!canTakeFault(core)) core.fail('lock-up: a supervisor call where its handler cannot run, nor that of HardFault');
  core.faultCause = FAULT_CAUSE.svcMasked;
  core.pend(HARD_FAULT, 'SVCall cannot be taken');
}

/** Whether a fault of the guest would be taken by a handler; else the machine locks up. */
export function canTakeFault({ controller, vectors }: MachineCore): boolean {
  return vectors.has(HARD_FAULT) && controller.executionPriority > controller.priorityOf(HARD_FAULT);
}

/** Runs the handler of HardFault because of a trap, which has unwound the guest's frames. */
export function takeFault(core: MachineCore, cause: FaultCause, message: string): void {
  core.faultCause = cause;
  core.emit('hardfault', { cause, message });
  core.handlerStack?.unwind();
  core.handlerWatch?.forget();
  core.pend(HARD_FAULT, 'fault');
  core.loop.takeNow(HARD_FAULT);
}
