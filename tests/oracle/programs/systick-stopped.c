// Stopping SysTick does not take back what is pending.
// build: clang -nostdlib
// sentence: SysTick
// manual: ARMv7-M B3.3 (SYST_CSR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(SysTick_Handler) {}

static void scenario(void) {
  set_primask(1);
  systick_start(5000);
  while (is_pending(SYSTICK) == 0) {
  }
  systick_stop();
  note("pending SysTick", is_pending(SYSTICK));
  set_primask(0);
  note("pending SysTick", is_pending(SYSTICK));
}
