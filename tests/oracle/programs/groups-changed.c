// A grouping that is changed in a handler counts at once: what waited for the handler interrupts it.
// build: clang -nostdlib
// sentence: Priority grouping: preemption and sub-priority
// manual: ARMv7-M B1.5.4 (ExecutionPriority), B3.2 (AIRCR)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("pending 27", is_pending(27));
  set_priority_grouping(0);
  note("pending 27", is_pending(27));
}

HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  set_priority_grouping(7);
  open_line(26, RELAXED);
  open_line(27, URGENT);
  pend(26);
}
