// What PRIMASK holds back is no event: unlike one for an interrupt, the wait lasts for ever.
// build: clang -nostdlib
// sentence: wfe, sev and the event register
// manual: ARMv7-M B1.5.18
// on: cortex-m3 cortex-m0 rp2040
// differs cortex-m3: QEMU's WFE never waits; the manual allows that, and programs must expect it (ARMv7-M B1.5.18).
// differs cortex-m0: QEMU's WFE never waits (ARMv6-M B1.5.18).
// differs rp2040: rp2040js takes the interrupt that ends a wait, although PRIMASK is set (ARMv6-M B1.5.18).
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  open_line(26, RELAXED);
  set_primask(1);
  sev();
  pend(26);
  wfe();
  note("the event is used up, pending", is_pending(26));
  flush();
  wfe();
  note("woken, pending", is_pending(26));
}
