// Clearing the pending state does not touch the active state.
// build: clang -nostdlib
// sentence: Software pend and clear
// manual: ARMv7-M B3.4 (NVIC_IABR)
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  unpend(26);
  note("active", is_active(26));
}

static void scenario(void) {
  enable(26);
  pend(26);
  note("active", is_active(26));
}
