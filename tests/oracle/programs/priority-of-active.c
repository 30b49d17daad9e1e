// A handler that makes its own line less urgent can be interrupted by what waited for its end.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.4 (ExecutionPriority)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("pending 27", is_pending(27));
  set_priority(26, LEAST_URGENT);
  note("pending 27", is_pending(27));
}

HANDLER(IRQ27_Handler) { note("priority 26", get_priority(26)); }

static void scenario(void) {
  open_line(26, URGENT);
  open_line(27, RELAXED);
  pend(26);
}
