// Without TICKINT SysTick never becomes pending.
// build: clang -nostdlib
// sentence: SysTick
// manual: ARMv7-M B3.3 (SYST_CSR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(SysTick_Handler) {}

static void scenario(void) {
  systick_start_silent(5000);
  while (systick_counted() == 0) {
  }
  note("pending SysTick", is_pending(SYSTICK));
  systick_stop();
}
