// System exceptions take part in the grouping like lines.
// build: clang -nostdlib
// sentence: Priority grouping: preemption and sub-priority
// manual: ARMv7-M B1.5.4
// on: cortex-m3
#include "oracle.h"

HANDLER(PendSV_Handler) {
  pend(SYSTICK);
  note("pending SysTick", is_pending(SYSTICK));
  pend(26);
  note("pending 26", is_pending(26));
}

HANDLER(SysTick_Handler) {}
HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  set_priority_grouping(6);
  set_priority(PENDSV, 0xFF);
  set_priority(SYSTICK, 0x80);
  open_line(26, 0x7F);
  pend(PENDSV);
}
