// Exception numbers decide between system exceptions and lines of one priority: PendSV, SysTick, then the lines.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.2, B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(PendSV_Handler) {}
HANDLER(SysTick_Handler) {}

static void scenario(void) {
  open_line(26, RELAXED);
  set_priority(PENDSV, RELAXED);
  set_priority(SYSTICK, RELAXED);
  set_primask(1);
  pend(26);
  pend(SYSTICK);
  pend(PENDSV);
  set_primask(0);
}
