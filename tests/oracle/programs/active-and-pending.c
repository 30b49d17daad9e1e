// An exception can be active and pending at a time; a more urgent handler may pend one that is active.
// build: clang -nostdlib
// sentence: Enabled, pending, active
// manual: ARMv7-M B1.5.1 (active and pending)
// on: cortex-m3
#include "oracle.h"

static uint32_t times;

HANDLER(IRQ26_Handler) {
  if (++times > 1) return;
  pend(27);
  note("active 26", is_active(26));
  note("pending 26", is_pending(26));
}

HANDLER(IRQ27_Handler) {
  pend(26);
  note("active 26", is_active(26));
  note("pending 26", is_pending(26));
}

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, URGENT);
  pend(26);
}
