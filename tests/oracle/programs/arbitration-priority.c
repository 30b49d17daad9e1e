// Of several pending the most urgent is taken first, in whatever order they were pended.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(IRQ27_Handler) {}
HANDLER(IRQ28_Handler) {}
HANDLER(IRQ29_Handler) {}

static void scenario(void) {
  open_line(26, LEAST_URGENT);
  open_line(27, URGENT);
  open_line(28, MOST_URGENT);
  open_line(29, RELAXED);
  set_primask(1);
  pend(26);
  pend(29);
  pend(27);
  pend(28);
  set_primask(0);
}
