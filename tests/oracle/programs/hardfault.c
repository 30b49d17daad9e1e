// An instruction that cannot be executed is a HardFault, before the next statement.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.14
// on: cortex-m3
#include "oracle.h"

HANDLER(HardFault_Handler) { finish(); }

static void scenario(void) {
  note("before", 0);
  undefined_instruction();
  note("after", 0);
}
