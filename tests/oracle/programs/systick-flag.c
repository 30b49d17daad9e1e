// COUNTFLAG tells whether SysTick has counted to 0 since it was last asked; no exception is needed for it.
// build: clang -nostdlib
// sentence: SysTick
// manual: ARMv7-M B3.3 (SYST_CSR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(SysTick_Handler) {}

static void scenario(void) {
  systick_start_silent(5000);
  note("counted", systick_counted());
  while (systick_counted() == 0) {
  }
  note("counted", systick_counted());
  systick_stop();
}
