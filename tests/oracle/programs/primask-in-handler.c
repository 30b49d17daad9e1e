// PRIMASK set in a handler holds back more urgent ones, and outlives the handler's return.
// build: clang -nostdlib
// sentence: PRIMASK
// manual: ARMv7-M B1.4.3, B1.5.8
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  set_primask(1);
  pend(27);
  note("pending 27", is_pending(27));
}

HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, URGENT);
  pend(26);
  note("primask", get_primask());
  note("pending 27", is_pending(27));
  set_primask(0);
}
