// An interrupt ends a wait for an event, and is handled before the statement after it.
// build: clang -nostdlib
// sentence: wfe, sev and the event register
// manual: ARMv7-M B1.5.18
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(SysTick_Handler) {
  systick_stop();
  ticks++;
}

static void scenario(void) {
  systick_start(5000);
  while (ticks == 0) wfe();
  note("ticks", ticks);
}
