// PendSV and SysTick that are pending can be taken back.
// build: clang -nostdlib
// sentence: SVCall and PendSV
// manual: ARMv7-M B3.2 (ICSR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(PendSV_Handler) {}
HANDLER(SysTick_Handler) {}

static void scenario(void) {
  set_primask(1);
  pend(PENDSV);
  pend(SYSTICK);
  unpend(PENDSV);
  note("pending PendSV", is_pending(PENDSV));
  note("pending SysTick", is_pending(SYSTICK));
  pend(PENDSV);
  unpend(SYSTICK);
  note("pending PendSV", is_pending(PENDSV));
  note("pending SysTick", is_pending(SYSTICK));
  set_primask(0);
}
