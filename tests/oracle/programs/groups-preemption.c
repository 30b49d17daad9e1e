// With PRIGROUP 5 bits 7 and 6 decide on preemption: the others do not.
// build: clang -nostdlib
// sentence: Priority grouping: preemption and sub-priority
// manual: ARMv7-M B1.5.4, B3.2 (AIRCR)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("pending 27", is_pending(27));
  pend(28);
  note("pending 28", is_pending(28));
}

HANDLER(IRQ27_Handler) {}
HANDLER(IRQ28_Handler) {}

static void scenario(void) {
  set_priority_grouping(5);
  note("grouping", get_priority_grouping());
  open_line(26, 0x80 + 0x3F);
  open_line(27, 0x80);
  open_line(28, 0x40 + 0x3F);
  pend(26);
}
