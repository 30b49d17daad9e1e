// The priority of a line counts when it is taken, not when it was pended.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.4, B3.4 (NVIC_IPR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  open_line(26, URGENT);
  open_line(27, RELAXED);
  set_primask(1);
  pend(26);
  pend(27);
  set_priority(26, LEAST_URGENT);
  set_priority(27, MOST_URGENT);
  set_primask(0);
}
