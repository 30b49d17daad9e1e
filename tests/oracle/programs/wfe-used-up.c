// A wait uses the event up, and two events are one: the second wait lasts until SysTick.
// build: clang -nostdlib
// sentence: wfe, sev and the event register
// manual: ARMv7-M B1.5.18
// on: cortex-m3 cortex-m0 rp2040
// differs cortex-m3: QEMU's WFE never waits; the manual allows that, and programs must expect it (ARMv7-M B1.5.18).
// differs cortex-m0: QEMU's WFE never waits (ARMv6-M B1.5.18).
// differs rp2040: rp2040js's SEV sets no event (ARMv6-M B1.5.18).
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(SysTick_Handler) {
  systick_stop();
  ticks++;
}

static void scenario(void) {
  systick_start(20000);
  sev();
  sev();
  wfe();
  note("ticks after the first wait", ticks);
  wfe();
  note("ticks after the second", ticks);
  systick_stop();
}
