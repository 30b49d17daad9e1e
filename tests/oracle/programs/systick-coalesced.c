// Ticks that find SysTick pending are one.
// build: clang -nostdlib
// sentence: SysTick
// manual: ARMv7-M B3.3, B3.2 (ICSR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(SysTick_Handler) { ticks++; }

static void scenario(void) {
  set_primask(1);
  pend(SYSTICK);
  pend(SYSTICK);
  set_primask(0);
  note("ticks", ticks);
}
