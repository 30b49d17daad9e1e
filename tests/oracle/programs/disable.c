// Disabling a line holds back what comes later, and loses nothing.
// build: clang -nostdlib
// sentence: Enabled, pending, active
// manual: ARMv7-M B3.4 (NVIC_ICER)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) { note("enabled", is_enabled(26)); }

static void scenario(void) {
  enable(26);
  pend(26);
  disable(26);
  note("enabled", is_enabled(26));
  pend(26);
  note("pending", is_pending(26));
  enable(26);
  note("pending", is_pending(26));
}
