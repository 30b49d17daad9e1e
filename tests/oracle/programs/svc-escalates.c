// A supervisor call where SVCall cannot be taken, from a handler of its priority, becomes HardFault.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.4 (priority escalation)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  svc();
  note("back in", get_ipsr());
}

HANDLER(SVC_Handler) {}
HANDLER(HardFault_Handler) { note("pending SVCall", is_pending(SVCALL)); }

static void scenario(void) {
  set_priority(SVCALL, RELAXED);
  open_line(26, RELAXED);
  pend(26);
}
