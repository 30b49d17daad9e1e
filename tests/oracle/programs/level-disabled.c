// A handler that disables its line is not entered again, whatever the level; enabling it takes the line again.
// build: clang -nostdlib
// sentence: Edge and level triggering
// manual: ARMv7-M B3.4 (NVIC_ICER)
// on: cortex-m3
#include "oracle.h"

static uint32_t times;

LEVEL_HANDLER {
  if (++times == 1) disable(LEVEL_LINE);
  else release_level();
}

static void scenario(void) {
  enable(LEVEL_LINE);
  assert_level();
  note("times", times);
  note("pending", is_pending(LEVEL_LINE));
  enable(LEVEL_LINE);
  note("times", times);
  note("pending", is_pending(LEVEL_LINE));
}
