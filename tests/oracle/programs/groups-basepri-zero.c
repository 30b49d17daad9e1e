// BASEPRI whose group is 0 holds everything back, for it is not 0 itself.
// build: clang -nostdlib
// sentence: Priority grouping: preemption and sub-priority
// manual: ARMv7-M B1.4.3, B1.5.4 (ExecutionPriority)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  set_priority_grouping(5);
  open_line(26, 0);
  set_basepri(0x3F);
  pend(26);
  note("pending 26", is_pending(26));
  set_basepri(0);
}
