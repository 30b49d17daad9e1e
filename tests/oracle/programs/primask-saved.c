// Nested critical sections: restoring the inner one's PRIMASK does not let anything through.
// build: clang -nostdlib
// sentence: PRIMASK
// manual: CMSIS-Core __get_PRIMASK; ARMv7-M B1.4.3
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  enable(26);
  const uint32_t outer = get_primask();
  set_primask(1);
  const uint32_t inner = get_primask();
  set_primask(1);
  pend(26);
  set_primask(inner);
  note("pending in the outer section", is_pending(26));
  set_primask(outer);
  note("pending after it", is_pending(26));
}
