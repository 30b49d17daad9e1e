// System exceptions are active from entry to return like lines.
// build: clang -nostdlib
// sentence: Enabled, pending, active
// manual: ARMv7-M B3.2 (SHCSR)
// on: cortex-m3
#include "oracle.h"

HANDLER(PendSV_Handler) {
  note("active PendSV", is_active(PENDSV));
  note("pending PendSV", is_pending(PENDSV));
  pend(SYSTICK);
}

HANDLER(SysTick_Handler) {
  note("active PendSV", is_active(PENDSV));
  note("active SysTick", is_active(SYSTICK));
}

static void scenario(void) {
  set_priority(PENDSV, RELAXED);
  set_priority(SYSTICK, URGENT);
  pend(PENDSV);
  note("active PendSV", is_active(PENDSV));
  note("active SysTick", is_active(SYSTICK));
}
