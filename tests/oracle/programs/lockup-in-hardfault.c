// A fault in the HardFault handler stops the machine in lock-up.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.15
// on: cortex-m3
#include "oracle.h"

HANDLER(HardFault_Handler) {
  note("faulting again", 0);
  flush();
  undefined_instruction();
}

static void scenario(void) { undefined_instruction(); }
