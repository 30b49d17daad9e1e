// Disabling a line while its handler runs neither ends the handler nor its being active.
// build: clang -nostdlib
// sentence: Enabled, pending, active
// manual: ARMv7-M B3.4 (NVIC_ICER)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  disable(26);
  note("enabled", is_enabled(26));
  note("active", is_active(26));
  pend(26);
  note("pending", is_pending(26));
}

static void scenario(void) {
  enable(26);
  pend(26);
  note("active", is_active(26));
  note("pending", is_pending(26));
  unpend(26);
}
