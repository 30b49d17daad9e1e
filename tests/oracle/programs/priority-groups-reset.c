// After reset PRIGROUP is 0: the lowest of eight bits is sub-priority, which does not preempt, but decides what comes first.
// build: clang -nostdlib
// sentence: Priority grouping: preemption and sub-priority
// manual: ARMv7-M B1.5.4, B3.2 (AIRCR)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("pending 27", is_pending(27));
  pend(28);
  note("pending 28", is_pending(28));
}

HANDLER(IRQ27_Handler) {}
HANDLER(IRQ28_Handler) {}

static void scenario(void) {
  open_line(26, 3);
  open_line(27, 2);
  open_line(28, 1);
  pend(26);
  set_primask(1);
  pend(26);
  pend(27);
  set_primask(0);
}
