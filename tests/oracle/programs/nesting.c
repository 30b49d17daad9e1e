// A more urgent interrupt interrupts the handler of a less urgent one, which goes on after it.
// build: clang -nostdlib
// sentence: Nesting
// manual: ARMv7-M B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("pending 27", is_pending(27));
}

HANDLER(IRQ27_Handler) { note("pending 26", is_pending(26)); }

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, URGENT);
  pend(26);
}
