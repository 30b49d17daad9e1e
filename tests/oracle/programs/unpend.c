// A pending state that is cleared is not taken.
// build: clang -nostdlib
// sentence: Software pend and clear
// manual: ARMv7-M B3.4 (NVIC_ICPR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  pend(26);
  pend(27);
  unpend(26);
  note("pending 26", is_pending(26));
  note("pending 27", is_pending(27));
  enable(26);
  enable(27);
}
