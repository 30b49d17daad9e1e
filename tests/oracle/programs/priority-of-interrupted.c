// The execution priority is that of the most urgent active exception, also when that is one that was interrupted.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.4 (ExecutionPriority)
// on: cortex-m3 cortex-m0 rp2040
// differs rp2040: rp2040js executes at the priority of the innermost handler, not at the most urgent of all active ones (ARMv6-M B1.5.4).
#include "oracle.h"

HANDLER(IRQ26_Handler) { pend(27); }

HANDLER(IRQ27_Handler) {
  set_priority(26, MOST_URGENT);
  pend(28);
  note("pending 28", is_pending(28));
}

HANDLER(IRQ28_Handler) {}

static void scenario(void) {
  open_line(26, LEAST_URGENT);
  open_line(27, RELAXED);
  open_line(28, URGENT);
  pend(26);
}
