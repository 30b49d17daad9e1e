// SysTick comes again and again until it is stopped.
// build: clang -nostdlib
// sentence: SysTick
// manual: ARMv7-M B3.3
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(SysTick_Handler) {
  if (++ticks == 3) systick_stop();
}

static void scenario(void) {
  systick_start(5000);
  while (ticks < 3) {
  }
  note("ticks", ticks);
}
