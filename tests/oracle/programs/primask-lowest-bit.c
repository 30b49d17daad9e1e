// PRIMASK has one bit; the others are ignored.
// build: clang -nostdlib
// sentence: PRIMASK
// manual: ARMv7-M B1.4.3
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static void scenario(void) {
  set_primask(3);
  note("primask", get_primask());
  set_primask(2);
  note("primask", get_primask());
}
