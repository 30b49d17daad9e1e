// Nothing but NMI interrupts the HardFault handler.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.4, B1.5.14
// on: cortex-m3
#include "oracle.h"

HANDLER(HardFault_Handler) {
  pend(26);
  note("pending 26", is_pending(26));
  pend(NMI);
  note("pending 26", is_pending(26));
  finish();
}

HANDLER(IRQ26_Handler) {}
HANDLER(NMI_Handler) {}

static void scenario(void) {
  open_line(26, MOST_URGENT);
  undefined_instruction();
}
