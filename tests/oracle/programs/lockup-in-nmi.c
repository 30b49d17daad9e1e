// A fault in the NMI handler stops the machine in lock-up: HardFault cannot interrupt NMI.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.15
// on: cortex-m3
#include "oracle.h"

HANDLER(NMI_Handler) {
  flush();
  undefined_instruction();
}

HANDLER(HardFault_Handler) {}

static void scenario(void) { pend(NMI); }
