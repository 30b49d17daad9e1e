// In a handler BASEPRI raises its priority and never lowers it; it outlives the return.
// build: clang -nostdlib
// sentence: BASEPRI
// manual: ARMv7-M B1.4.3, B1.5.4
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  set_basepri(LEAST_URGENT);
  pend(27);
  note("pending 27", is_pending(27));
  set_basepri(URGENT);
  pend(28);
  note("pending 28", is_pending(28));
}

HANDLER(IRQ27_Handler) {}
HANDLER(IRQ28_Handler) {}

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, RELAXED);
  open_line(28, URGENT);
  pend(26);
  note("basepri", get_basepri());
  note("pending 27", is_pending(27));
  note("pending 28", is_pending(28));
  set_basepri(0);
}
