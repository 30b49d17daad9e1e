// A supervisor call from a less urgent handler is taken inside it.
// build: clang -nostdlib
// sentence: SVCall and PendSV
// manual: ARMv7-M B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  svc();
  note("back in", get_ipsr());
}

HANDLER(SVC_Handler) {}

static void scenario(void) {
  set_priority(SVCALL, URGENT);
  open_line(26, RELAXED);
  pend(26);
}
