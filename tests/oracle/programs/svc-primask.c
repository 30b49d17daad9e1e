// A supervisor call with PRIMASK set becomes HardFault.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.4 (priority escalation)
// on: cortex-m3
#include "oracle.h"

HANDLER(SVC_Handler) {}
HANDLER(HardFault_Handler) { note("primask", get_primask()); }

static void scenario(void) {
  set_primask(1);
  svc();
  note("after", 0);
  set_primask(0);
}
