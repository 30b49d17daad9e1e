// BASEPRI 0 holds nothing back; 2 holds back all but priority 0.
// build: clang -nostdlib
// sentence: BASEPRI
// manual: ARMv7-M B1.4.3
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  open_line(26, 0);
  open_line(27, 2);
  set_basepri(2);
  pend(27);
  note("pending 27", is_pending(27));
  pend(26);
  note("pending 26", is_pending(26));
  set_basepri(0);
  pend(26);
}
