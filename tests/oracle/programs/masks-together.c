// The masks hold back independently of each other: the last one cleared lets through.
// build: clang -nostdlib
// sentence: BASEPRI
// manual: ARMv7-M B1.4.3, B1.5.4
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  open_line(26, RELAXED);
  set_primask(1);
  set_basepri(URGENT);
  set_faultmask(1);
  pend(26);
  set_primask(0);
  note("pending without PRIMASK", is_pending(26));
  set_faultmask(0);
  note("pending without FAULTMASK", is_pending(26));
  note("primask", get_primask());
  note("basepri", get_basepri());
  set_basepri(0);
  note("pending without BASEPRI", is_pending(26));
}
