// In a handler only what could preempt it ends a wait.
// build: clang -nostdlib
// sentence: Wake-up from wfi under each mask
// manual: ARMv7-M B1.5.19
// on: cortex-m3 cortex-m0 rp2040
// differs rp2040: rp2040js waits at the priority of thread mode, and takes what cannot preempt the handler (ARMv6-M B1.5.19).
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(IRQ26_Handler) {
  pend(27);
  systick_start(5000);
  wfi();
  note("ticks", ticks);
  note("pending 27", is_pending(27));
}

HANDLER(IRQ27_Handler) {}

HANDLER(SysTick_Handler) {
  systick_stop();
  ticks++;
}

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, RELAXED);
  set_priority(SYSTICK, URGENT);
  pend(26);
}
