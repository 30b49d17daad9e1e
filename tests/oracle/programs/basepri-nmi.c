// BASEPRI does not hold back NMI, and PendSV and SysTick by their priorities.
// build: clang -nostdlib
// sentence: BASEPRI
// manual: ARMv7-M B1.4.3
// on: cortex-m3
#include "oracle.h"

HANDLER(NMI_Handler) { note("basepri", get_basepri()); }
HANDLER(PendSV_Handler) {}
HANDLER(SysTick_Handler) {}

static void scenario(void) {
  set_priority(PENDSV, LEAST_URGENT);
  set_priority(SYSTICK, URGENT);
  set_basepri(RELAXED);
  pend(PENDSV);
  pend(SYSTICK);
  pend(NMI);
  note("pending PendSV", is_pending(PENDSV));
  set_basepri(0);
}
