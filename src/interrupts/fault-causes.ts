/**
 * Why a HardFault was taken: what `fault_cause()` of wirq/irq answers. Numbers are part of the interface to firmware;
 * ARMv7-M would tell the same by the registers HFSR, CFSR and UFSR (B3.2.15 to B3.2.17).
 */
export const FAULT_CAUSE = {
  none: 0,
  /** `unreachable` was executed: abort(), a failed assertion. */
  unreachable: 1,
  /** A load or store outside memory. */
  memory: 2,
  divideByZero: 3,
  /** A quotient or a conversion whose result no integer has. */
  overflow: 4,
  /** A call through a table: no such entry, an empty one, or a function of another type. */
  call: 5,
  stackExhausted: 6,
  /** An exception that nothing caught. */
  exception: 7,
  /** An interrupt was taken that has no handler. */
  noHandler: 8,
  /** A supervisor call where SVCall's priority did not allow it. */
  svcMasked: 9,
  other: 15,
} as const;

export type FaultCause = (typeof FAULT_CAUSE)[keyof typeof FAULT_CAUSE];
