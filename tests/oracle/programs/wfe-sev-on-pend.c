// With SEVONPEND a line that becomes pending is an event, even one that is not enabled; without, it is none.
// build: clang -nostdlib
// sentence: wfe, sev and the event register
// manual: ARMv7-M B1.5.18, B3.2 (SCR)
// on: cortex-m3 cortex-m0 rp2040
// differs cortex-m3: QEMU's WFE never waits; the manual allows that, and programs must expect it (ARMv7-M B1.5.18).
// differs cortex-m0: QEMU's WFE never waits (ARMv6-M B1.5.18).
// differs rp2040: rp2040js ignores SEVONPEND (ARMv6-M B3.2, SCR).
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(SysTick_Handler) {
  systick_stop();
  ticks++;
}

static void scenario(void) {
  systick_start(20000);
  set_sev_on_pend(1);
  pend(26);
  wfe();
  note("ticks after a wait with SEVONPEND", ticks);
  set_sev_on_pend(0);
  pend(27);
  wfe();
  note("ticks after a wait without", ticks);
  systick_stop();
}
