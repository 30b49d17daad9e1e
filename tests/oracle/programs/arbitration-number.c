// Of several pending with one priority the lowest number is taken first.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ27_Handler) {}
HANDLER(IRQ28_Handler) {}
HANDLER(IRQ29_Handler) {}
HANDLER(IRQ31_Handler) {}

static void scenario(void) {
  open_line(27, RELAXED);
  open_line(28, RELAXED);
  open_line(29, RELAXED);
  open_line(31, RELAXED);
  set_primask(1);
  pend(29);
  pend(31);
  pend(28);
  pend(27);
  set_primask(0);
}
