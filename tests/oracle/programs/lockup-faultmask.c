// A fault with FAULTMASK set stops the machine in lock-up: HardFault is held back.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.15, B1.4.3
// on: cortex-m3
#include "oracle.h"

HANDLER(HardFault_Handler) {}

static void scenario(void) {
  set_faultmask(1);
  note("before", 0);
  flush();
  undefined_instruction();
}
