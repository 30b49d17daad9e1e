// What BASEPRI holds back does not end a wait: SysTick, more urgent, ends it.
// build: clang -nostdlib
// sentence: Wake-up from wfi under each mask
// manual: ARMv7-M B1.5.19
// on: cortex-m3
// differs cortex-m3: QEMU ends a wait for what BASEPRI holds back; the manual disregards PRIMASK alone (ARMv7-M B1.5.19).
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(IRQ26_Handler) {}

HANDLER(SysTick_Handler) {
  systick_stop();
  ticks++;
}

static void scenario(void) {
  open_line(26, LEAST_URGENT);
  set_priority(SYSTICK, URGENT);
  set_basepri(RELAXED);
  pend(26);
  systick_start(5000);
  wfi();
  note("ticks", ticks);
  note("pending 26", is_pending(26));
  set_basepri(0);
}
