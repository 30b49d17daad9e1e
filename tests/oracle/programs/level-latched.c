// A level that is released before its line is taken leaves it pending: it is taken once.
// build: clang -nostdlib
// sentence: Edge and level triggering
// manual: ARMv7-M B3.4 (theory of operation)
// on: cortex-m3
#include "oracle.h"

LEVEL_HANDLER {}

static void scenario(void) {
  assert_level();
  note("pending", is_pending(LEVEL_LINE));
  release_level();
  note("pending", is_pending(LEVEL_LINE));
  enable(LEVEL_LINE);
  note("pending", is_pending(LEVEL_LINE));
}
