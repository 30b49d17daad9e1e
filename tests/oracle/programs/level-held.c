// A level that is still asserted on return pends the line again.
// build: clang -nostdlib
// sentence: Edge and level triggering
// manual: ARMv7-M B3.4 (theory of operation)
// on: cortex-m3
#include "oracle.h"

static uint32_t times;

LEVEL_HANDLER {
  note("pending", is_pending(LEVEL_LINE));
  if (++times == 3) release_level();
}

static void scenario(void) {
  enable(LEVEL_LINE);
  assert_level();
  note("times", times);
  note("pending", is_pending(LEVEL_LINE));
}
