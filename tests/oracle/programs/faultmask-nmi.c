// The return from NMI leaves FAULTMASK as it was.
// build: clang -nostdlib
// sentence: FAULTMASK
// manual: ARMv7-M B1.4.3, B1.5.8
// on: cortex-m3
#include "oracle.h"

HANDLER(NMI_Handler) { note("faultmask", get_faultmask()); }
HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  enable(26);
  set_faultmask(1);
  pend(26);
  pend(NMI);
  note("faultmask", get_faultmask());
  note("pending 26", is_pending(26));
  set_faultmask(0);
}
