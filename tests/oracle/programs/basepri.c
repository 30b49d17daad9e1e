// BASEPRI holds back its own priority and less urgent ones, and lets more urgent ones through.
// build: clang -nostdlib
// sentence: BASEPRI
// manual: ARMv7-M B1.4.3
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(IRQ27_Handler) {}
HANDLER(IRQ28_Handler) {}

static void scenario(void) {
  open_line(26, URGENT);
  open_line(27, RELAXED);
  open_line(28, LEAST_URGENT);
  set_basepri(RELAXED);
  note("basepri", get_basepri());
  pend(28);
  pend(27);
  pend(26);
  note("pending 27", is_pending(27));
  note("pending 28", is_pending(28));
  set_basepri(LEAST_URGENT);
  note("pending 27", is_pending(27));
  note("pending 28", is_pending(28));
  set_basepri(0);
}
