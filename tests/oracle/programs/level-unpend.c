// Clearing the pending state of a line whose level is asserted has no effect; after the release it has.
// build: clang -nostdlib
// sentence: Edge and level triggering
// manual: ARMv7-M B3.4 (NVIC_ICPR)
// on: cortex-m3
#include "oracle.h"

LEVEL_HANDLER {}

static void scenario(void) {
  assert_level();
  unpend(LEVEL_LINE);
  note("pending", is_pending(LEVEL_LINE));
  release_level();
  note("pending", is_pending(LEVEL_LINE));
  unpend(LEVEL_LINE);
  note("pending", is_pending(LEVEL_LINE));
  enable(LEVEL_LINE);
}
