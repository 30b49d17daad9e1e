// The counter counts down from the reload value; writing it makes it 0 and clears COUNTFLAG.
// build: clang -nostdlib
// sentence: SysTick
// manual: ARMv7-M B3.3 (SYST_CVR)
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static void scenario(void) {
  systick_start_silent(100000);
  uint32_t first = 0;
  while (first == 0) first = systick_value();
  for (volatile uint32_t i = 0; i < 100; i++) {
  }
  const uint32_t second = systick_value();
  note("at most the reload value", first < 100000);
  note("counts down", second < first);
  systick_clear();
  note("counted", systick_counted());
  systick_stop();
}
