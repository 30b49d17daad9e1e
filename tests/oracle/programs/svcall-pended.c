// SVCall made pending is taken by its priority, like any other.
// build: clang -nostdlib
// sentence: SVCall and PendSV
// manual: ARMv7-M B3.2 (SHCSR)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(SVCALL);
  note("pending SVCall", is_pending(SVCALL));
}

HANDLER(SVC_Handler) { note("active SVCall", is_active(SVCALL)); }

static void scenario(void) {
  set_priority(SVCALL, RELAXED);
  open_line(26, URGENT);
  pend(26);
  note("active SVCall", is_active(SVCALL));
}
