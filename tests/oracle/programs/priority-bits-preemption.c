// Two priorities that differ in bits that are not implemented are one: no preemption. With eight bits they differ.
// build: clang -nostdlib
// sentence: Priority bits
// manual: ARMv7-M B1.5.4; ARMv6-M B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) { pend(27); }
HANDLER(IRQ27_Handler) {}

static void scenario(void) {
  open_line(26, 0x7F);
  open_line(27, 0x40);
  pend(26);
}
