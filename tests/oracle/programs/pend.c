// A pended line is taken before the next statement; entry clears its pending state.
// build: clang -nostdlib
// sentence: Software pend and clear
// manual: ARMv7-M B1.5.6, B3.4 (NVIC_ISPR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ27_Handler) { note("pending", is_pending(27)); }

static void scenario(void) {
  enable(27);
  note("before", 0);
  pend(27);
  note("pending", is_pending(27));
  pend(27);
  note("after", 0);
}
