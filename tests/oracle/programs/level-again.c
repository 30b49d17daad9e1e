// A level that is released and asserted again while its handler runs pends the line once more.
// build: clang -nostdlib
// sentence: Edge and level triggering
// manual: ARMv7-M B3.4 (theory of operation)
// on: cortex-m3
#include "oracle.h"

static uint32_t times;

LEVEL_HANDLER {
  release_level();
  if (++times > 1) return;
  note("pending", is_pending(LEVEL_LINE));
  assert_level();
  note("pending", is_pending(LEVEL_LINE));
  release_level();
  note("pending", is_pending(LEVEL_LINE));
}

static void scenario(void) {
  enable(LEVEL_LINE);
  assert_level();
  note("times", times);
}
