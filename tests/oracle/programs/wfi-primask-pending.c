// With PRIMASK set, a wait ends at once when an interrupt is pending; the handler runs when PRIMASK is cleared.
// build: clang -nostdlib
// sentence: Wake-up from wfi under each mask
// manual: ARMv7-M B1.5.19; ARMv6-M B1.5.19
// on: cortex-m3 cortex-m0 rp2040
// differs rp2040: rp2040js takes the interrupt that ends a wait, although PRIMASK is set (ARMv6-M B1.5.19).
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  enable(26);
  set_primask(1);
  pend(26);
  wfi();
  note("woken, pending", is_pending(26));
  note("primask", get_primask());
  wfi();
  note("woken, pending", is_pending(26));
  set_primask(0);
}
