// An equal priority does not preempt, whichever number is lower.
// build: clang -nostdlib
// sentence: Arbitration by priority, then by number
// manual: ARMv7-M B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

HANDLER(IRQ27_Handler) {
  pend(26);
  pend(28);
  note("pending 26", is_pending(26));
  note("pending 28", is_pending(28));
}

HANDLER(IRQ28_Handler) {}

static void scenario(void) {
  open_line(26, URGENT);
  open_line(27, URGENT);
  open_line(28, URGENT);
  pend(27);
}
