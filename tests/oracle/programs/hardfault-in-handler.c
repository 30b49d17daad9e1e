// A fault in a handler of priority 0 is taken inside it: HardFault is more urgent than any line.
// build: clang -nostdlib
// sentence: Faults, HardFault and lock-up
// manual: ARMv7-M B1.5.14, B1.5.4
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) { undefined_instruction(); }

HANDLER(HardFault_Handler) {
  note("active 26", is_active(26));
  finish();
}

static void scenario(void) {
  open_line(26, MOST_URGENT);
  pend(26);
}
