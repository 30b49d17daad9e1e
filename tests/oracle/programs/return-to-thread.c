// After the last return nothing is active, and the thread goes on in thread mode.
// build: clang -nostdlib
// sentence: Return to thread mode
// manual: ARMv7-M B1.5.8
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  pend(PENDSV);
}

HANDLER(IRQ27_Handler) {}
HANDLER(PendSV_Handler) { note("active 26", is_active(26)); }

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, URGENT);
  set_priority(PENDSV, LEAST_URGENT);
  pend(26);
  note("ipsr", get_ipsr());
  note("active 26", is_active(26));
  note("active 27", is_active(27));
  note("active PendSV", is_active(PENDSV));
}
