// A line is active from entry to return, also while it is interrupted itself.
// build: clang -nostdlib
// sentence: Enabled, pending, active
// manual: ARMv7-M B1.5.1, B3.4 (NVIC_IABR)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  note("active 26", is_active(26));
  pend(27);
  note("active 27", is_active(27));
}

HANDLER(IRQ27_Handler) {
  note("active 26", is_active(26));
  note("active 27", is_active(27));
}

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, URGENT);
  note("active 26", is_active(26));
  pend(26);
  note("active 26", is_active(26));
  note("active 27", is_active(27));
}
