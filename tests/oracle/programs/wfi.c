// Waiting for an interrupt: its handler runs before the statement after the wait.
// build: clang -nostdlib
// sentence: Wake-up from wfi under each mask
// manual: ARMv7-M B1.5.19
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(SysTick_Handler) {
  systick_stop();
  ticks++;
}

static void scenario(void) {
  systick_start(5000);
  note("ticks", ticks);
  wfi();
  note("ticks", ticks);
}
