// SysTick waits for a handler of its own priority: it does not run inside it.
// build: clang -nostdlib
// sentence: SysTick
// manual: ARMv7-M B3.3, B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(IRQ26_Handler) {
  systick_start(5000);
  while (is_pending(SYSTICK) == 0) {
  }
  systick_stop();
  note("ticks", ticks);
}

HANDLER(SysTick_Handler) { ticks++; }

static void scenario(void) {
  set_priority(SYSTICK, RELAXED);
  open_line(26, RELAXED);
  pend(26);
  note("ticks", ticks);
}
