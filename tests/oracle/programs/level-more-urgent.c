// An asserted level waits for a handler of its own priority, and gives way to a more urgent line between two entries.
// build: clang -nostdlib
// sentence: Edge and level triggering
// manual: ARMv7-M B3.4, B1.5.4
// on: cortex-m3
#include "oracle.h"

static uint32_t times;

LEVEL_HANDLER {
  if (++times == 2) release_level();
  if (times == 1) pend(27);
}

HANDLER(IRQ26_Handler) {
  assert_level();
  note("pending", is_pending(LEVEL_LINE));
}

HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  open_line(LEVEL_LINE, RELAXED);
  open_line(26, RELAXED);
  open_line(27, URGENT);
  pend(26);
  note("times", times);
}
