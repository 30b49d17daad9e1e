// Of two that are pending before the first instruction of a handler, the more urgent enters first; the other stays pending, and is never entered in between.
// build: clang -nostdlib
// sentence: Late arrival
// manual: ARMv7-M B1.5.6, B1.5.12
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) { note("pending 27", is_pending(27)); }

HANDLER(IRQ27_Handler) { note("pending 26", is_pending(26)); }

static void scenario(void) {
  set_priority(26, LEAST_URGENT);
  set_priority(27, MOST_URGENT);
  pend(26);
  set_primask(1);
  enable(26);
  pend(27);
  enable(27);
  set_primask(0);
}
