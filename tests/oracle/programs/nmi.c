// NMI interrupts a handler of priority 0.
// build: clang -nostdlib
// sentence: NMI
// manual: ARMv7-M B1.5.2, B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(NMI);
  note("back in", get_ipsr());
}

HANDLER(NMI_Handler) {}

static void scenario(void) {
  open_line(26, MOST_URGENT);
  pend(26);
}
