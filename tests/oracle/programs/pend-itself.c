// Pended in its own handler, a line is taken again after the handler's return, not inside it.
// build: clang -nostdlib
// sentence: Software pend and clear
// manual: ARMv7-M B1.5.1 (active and pending)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static uint32_t times;

HANDLER(IRQ26_Handler) {
  if (++times > 2) return;
  pend(26);
  pend(26);
  note("pending", is_pending(26));
}

static void scenario(void) {
  enable(26);
  pend(26);
  note("times", times);
}
