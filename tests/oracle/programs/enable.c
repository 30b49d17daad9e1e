// A line that is not enabled stays pending; enabling it takes it at once.
// build: clang -nostdlib
// sentence: Enabled, pending, active
// manual: ARMv7-M B3.4 (NVIC_ISER), B3.4 (NVIC_ISPR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) { note("pending in the handler", is_pending(26)); }

static void scenario(void) {
  pend(26);
  note("pending", is_pending(26));
  note("enabled", is_enabled(26));
  enable(26);
  note("pending", is_pending(26));
  note("enabled", is_enabled(26));
}
