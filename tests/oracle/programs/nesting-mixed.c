// Lines, PendSV and SysTick nest by priority alone.
// build: clang -nostdlib
// sentence: Nesting
// manual: ARMv7-M B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(PendSV_Handler) {
  pend(30);
  note("back in", get_ipsr());
}

HANDLER(IRQ30_Handler) {
  pend(SYSTICK);
  note("back in", get_ipsr());
}

HANDLER(SysTick_Handler) {
  pend(26);
  pend(PENDSV);
  unpend(PENDSV);
}

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  set_priority(PENDSV, LEAST_URGENT);
  open_line(30, RELAXED);
  open_line(26, RELAXED);
  set_priority(SYSTICK, URGENT);
  pend(PENDSV);
}
