// With PRIGROUP 7 all bits are sub-priority: no line interrupts another, and NMI still does.
// build: clang -nostdlib
// sentence: Priority grouping: preemption and sub-priority
// manual: ARMv7-M B1.5.4
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("pending 27", is_pending(27));
  pend(NMI);
}

HANDLER(IRQ27_Handler) {}
HANDLER(NMI_Handler) {}

static void scenario(void) {
  set_priority_grouping(7);
  open_line(26, LEAST_URGENT);
  open_line(27, MOST_URGENT);
  pend(26);
}
