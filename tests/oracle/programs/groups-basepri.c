// BASEPRI is compared by group: its sub-priority does not count.
// build: clang -nostdlib
// sentence: Priority grouping: preemption and sub-priority
// manual: ARMv7-M B1.4.3, B1.5.4 (ExecutionPriority)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  set_priority_grouping(5);
  open_line(26, 0x80);
  open_line(27, 0x40 + 0x3F);
  set_basepri(0x80 + 0x3F);
  note("basepri", get_basepri());
  pend(26);
  note("pending 26", is_pending(26));
  pend(27);
  note("pending 27", is_pending(27));
  set_basepri(0);
}
