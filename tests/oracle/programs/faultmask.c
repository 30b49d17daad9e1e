// FAULTMASK holds back everything but NMI.
// build: clang -nostdlib
// sentence: FAULTMASK
// manual: ARMv7-M B1.4.3
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(PendSV_Handler) {}
HANDLER(NMI_Handler) {}

static void scenario(void) {
  open_line(26, MOST_URGENT);
  set_faultmask(1);
  pend(26);
  pend(PENDSV);
  pend(NMI);
  note("pending 26", is_pending(26));
  note("pending PendSV", is_pending(PENDSV));
  set_faultmask(0);
}
