// PendSV with the least urgent priority runs when all other handlers are done.
// build: clang -nostdlib
// sentence: SVCall and PendSV
// manual: ARMv7-M B1.5.2, B3.2 (ICSR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(PENDSV);
  pend(27);
  note("pending PendSV", is_pending(PENDSV));
}

HANDLER(IRQ27_Handler) {}
HANDLER(PendSV_Handler) {}

static void scenario(void) {
  set_priority(PENDSV, LEAST_URGENT);
  open_line(26, RELAXED);
  open_line(27, RELAXED);
  pend(26);
  note("pending PendSV", is_pending(PENDSV));
}
