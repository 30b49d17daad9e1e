// With PRIMASK set, an interrupt that comes during the wait ends it; the handler runs when PRIMASK is cleared.
// build: clang -nostdlib
// sentence: Wake-up from wfi under each mask
// manual: ARMv7-M B1.5.19; ARMv6-M B1.5.19
// on: cortex-m3 cortex-m0 rp2040
// differs rp2040: rp2040js takes the interrupt that ends a wait, although PRIMASK is set (ARMv6-M B1.5.19).
#include "oracle.h"

HANDLER(SysTick_Handler) { systick_stop(); }

static void scenario(void) {
  set_primask(1);
  systick_start(5000);
  wfi();
  note("woken, pending SysTick", is_pending(SYSTICK));
  set_primask(0);
  note("pending SysTick", is_pending(SYSTICK));
}
