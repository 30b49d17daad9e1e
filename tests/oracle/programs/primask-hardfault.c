// PRIMASK does not hold back HardFault.
// build: clang -nostdlib
// sentence: PRIMASK
// manual: ARMv7-M B1.4.3
// on: cortex-m3
#include "oracle.h"

HANDLER(HardFault_Handler) {
  note("primask", get_primask());
  finish();
}

static void scenario(void) {
  set_primask(1);
  undefined_instruction();
}
