// Eight bits of priority: with the grouping of reset, a difference of two preempts.
// build: clang -nostdlib
// sentence: Nesting
// manual: ARMv7-M B1.5.4
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("back in", get_ipsr());
}

HANDLER(IRQ27_Handler) {
  pend(28);
  note("back in", get_ipsr());
}

HANDLER(IRQ28_Handler) { pend(29); }
HANDLER(IRQ29_Handler) {}

static void scenario(void) {
  open_line(26, 6);
  open_line(27, 4);
  open_line(28, 2);
  open_line(29, 2);
  pend(26);
}
