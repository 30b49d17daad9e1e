// PRIMASK cleared in an NMI handler lets nothing through: NMI's own priority holds it back until its return.
// build: clang -nostdlib
// sentence: PRIMASK
// manual: ARMv7-M B1.4.3, B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(NMI_Handler) {
  set_primask(0);
  note("primask", get_primask());
  note("pending 26", is_pending(26));
}

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  enable(26);
  set_primask(1);
  pend(26);
  pend(NMI);
  note("primask", get_primask());
}
