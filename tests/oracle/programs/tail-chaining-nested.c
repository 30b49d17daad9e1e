// A return into a handler chains only to what is more urgent than that handler.
// build: clang -nostdlib
// sentence: Tail-chaining
// manual: ARMv7-M B1.5.12
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("pending 29", is_pending(29));
}

HANDLER(IRQ27_Handler) {
  pend(29);
  pend(28);
}

HANDLER(IRQ28_Handler) { note("pending 29", is_pending(29)); }
HANDLER(IRQ29_Handler) {}

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, MOST_URGENT);
  open_line(28, URGENT);
  open_line(29, LEAST_URGENT);
  pend(26);
}
