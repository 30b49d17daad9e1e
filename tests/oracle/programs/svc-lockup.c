// A supervisor call in the HardFault handler stops the machine in lock-up.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.15
// on: cortex-m3
#include "oracle.h"

HANDLER(SVC_Handler) { svc(); }

HANDLER(HardFault_Handler) {
  flush();
  svc();
}

static void scenario(void) { svc(); }
