// Pended twice before it is taken, a line is taken once.
// build: clang -nostdlib
// sentence: Software pend and clear
// manual: ARMv7-M B3.4 (NVIC_ISPR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  pend(26);
  pend(26);
  enable(26);
  note("pending", is_pending(26));
}
