// PRIMASK does not hold back NMI.
// build: clang -nostdlib
// sentence: PRIMASK
// manual: ARMv7-M B1.4.3
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(NMI_Handler) { note("primask", get_primask()); }
HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  enable(26);
  set_primask(1);
  pend(26);
  pend(NMI);
  note("pending 26", is_pending(26));
  note("primask", get_primask());
  set_primask(0);
}
