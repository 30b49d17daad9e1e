// In a handler with PRIMASK set, a wait ends for what could preempt the handler without it; nothing is entered.
// build: clang -nostdlib
// sentence: Wake-up from wfi under each mask
// manual: ARMv7-M B1.5.19; ARMv6-M B1.5.19
// on: cortex-m3 cortex-m0 rp2040
// differs rp2040: rp2040js takes the interrupt that ends a wait, although PRIMASK is set (ARMv6-M B1.5.19).
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  set_primask(1);
  pend(27);
  pend(28);
  wfi();
  note("woken, pending 27", is_pending(27));
  note("pending 28", is_pending(28));
  set_primask(0);
  note("pending 27", is_pending(27));
}

HANDLER(IRQ27_Handler) {}
HANDLER(IRQ28_Handler) {}

static void scenario(void) {
  open_line(26, RELAXED);
  open_line(27, URGENT);
  open_line(28, LEAST_URGENT);
  pend(26);
}
