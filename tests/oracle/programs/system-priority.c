// System exceptions have priorities of eight bits too.
// build: clang -nostdlib
// sentence: Priority bits
// manual: ARMv7-M B3.2 (SHPR1 to SHPR3)
// on: cortex-m3
#include "oracle.h"

static void scenario(void) {
  set_priority(SVCALL, 0x23);
  set_priority(PENDSV, 0xFF);
  set_priority(SYSTICK, 0x81);
  note("priority SVCall", get_priority(SVCALL));
  note("priority PendSV", get_priority(PENDSV));
  note("priority SysTick", get_priority(SYSTICK));
}
