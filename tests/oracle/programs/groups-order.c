// Of several pending in one group the sub-priority decides what comes first, then the number.
// build: clang -nostdlib
// sentence: Priority grouping: preemption and sub-priority
// manual: ARMv7-M B1.5.4
// on: cortex-m3
#include "oracle.h"

HANDLER(IRQ26_Handler) {}
HANDLER(IRQ27_Handler) {}
HANDLER(IRQ28_Handler) {}
HANDLER(IRQ29_Handler) {}

static void scenario(void) {
  set_priority_grouping(5);
  open_line(26, 0x40 + 0x20);
  open_line(27, 0x40 + 0x10);
  open_line(28, 0x40 + 0x10);
  open_line(29, 0x40 + 0x08);
  set_primask(1);
  pend(26);
  pend(27);
  pend(28);
  pend(29);
  set_primask(0);
}
