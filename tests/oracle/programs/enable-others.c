// Enabling one line leaves the others as they are.
// build: clang -nostdlib
// sentence: Enabled, pending, active
// manual: ARMv7-M B3.4 (NVIC_ISER)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(IRQ28_Handler) {}

static void scenario(void) {
  pend(26);
  pend(27);
  pend(28);
  enable(28);
  note("pending 26", is_pending(26));
  note("pending 27", is_pending(27));
  enable(26);
  note("pending 26", is_pending(26));
  note("pending 27", is_pending(27));
  note("enabled 27", is_enabled(27));
}
