// A line that its own handler pends and takes back is not taken again.
// build: clang -nostdlib
// sentence: Software pend and clear
// manual: ARMv7-M B3.4 (NVIC_ICPR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(26);
  note("pending", is_pending(26));
  unpend(26);
  note("pending", is_pending(26));
}

static void scenario(void) {
  enable(26);
  pend(26);
}
