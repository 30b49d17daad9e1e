// A pending line that is made more urgent than the running handler interrupts it.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.4, B3.4 (NVIC_IPR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("pending 27", is_pending(27));
  set_priority(27, MOST_URGENT);
  note("pending 27", is_pending(27));
}

HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  open_line(26, URGENT);
  open_line(27, RELAXED);
  pend(26);
}
