// PRIMASK holds back every line, PendSV and SysTick until it is cleared.
// build: clang -nostdlib
// sentence: PRIMASK
// manual: ARMv7-M B1.4.3
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(PendSV_Handler) {}
HANDLER(SysTick_Handler) {}

static void scenario(void) {
  open_line(26, MOST_URGENT);
  set_primask(1);
  note("primask", get_primask());
  pend(26);
  pend(PENDSV);
  pend(SYSTICK);
  note("pending 26", is_pending(26));
  note("pending PendSV", is_pending(PENDSV));
  note("pending SysTick", is_pending(SYSTICK));
  set_primask(0);
  note("primask", get_primask());
}
