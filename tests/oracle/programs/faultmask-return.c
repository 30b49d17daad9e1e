// The return from a handler clears FAULTMASK, and lets through what it held back.
// build: clang -nostdlib
// sentence: FAULTMASK
// manual: ARMv7-M B1.4.3, B1.5.8
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  set_faultmask(1);
  note("faultmask", get_faultmask());
  pend(27);
  note("pending 27", is_pending(27));
}

HANDLER(IRQ27_Handler) { note("faultmask", get_faultmask()); }

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, URGENT);
  pend(26);
  note("faultmask", get_faultmask());
}
