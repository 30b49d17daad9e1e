// SVCall made pending goes before PendSV and the lines of its priority.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.2, B3.2 (SHCSR)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(PendSV_Handler) {}
HANDLER(SVC_Handler) { note("pending PendSV", is_pending(PENDSV)); }

static void scenario(void) {
  enable(26);
  set_primask(1);
  pend(26);
  pend(PENDSV);
  pend(SVCALL);
  note("pending SVCall", is_pending(SVCALL));
  set_primask(0);
}
