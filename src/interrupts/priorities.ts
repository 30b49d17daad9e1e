/** Priorities of ARMv7-M (B1.5.4): lower numbers are more urgent. And how deep they let handlers nest. */

/** The execution priority of thread mode with no mask set: below the least urgent exception (255). */
export const THREAD_PRIORITY = 256;
export const HARD_FAULT_PRIORITY = -1;
export const NMI_PRIORITY = -2;

/** As deep as distinct priorities allow: 256 configurable ones, HardFault and NMI. */
export const MAX_NESTING = 258;

/** How many bits of a priority may be implemented: ARMv7-M has three to eight; ARMv6-M two. */
export const LEAST_PRIORITY_BITS = 2;
export const MOST_PRIORITY_BITS = 8;

/**
 * A priority without its sub-priority bits, by AIRCR.PRIGROUP (B3.2.6): bits 7 to `grouping` + 1. Those of NMI and HardFault
 * have none.
 */
export function groupOf(priority: number, grouping: number): number {
  return priority < 0 ? priority : priority & ~((2 << grouping) - 1);
}
