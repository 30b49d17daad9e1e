// A supervisor call in the handler of one becomes HardFault.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.4 (priority escalation)
// on: cortex-m3
#include "oracle.h"

HANDLER(SVC_Handler) {
  svc();
  note("back in", get_ipsr());
}

HANDLER(HardFault_Handler) {}

static void scenario(void) { svc(); }
