// After reset nothing is enabled or pending, every priority is 0, no mask is set.
// build: clang -nostdlib
// sentence: Reset
// manual: ARMv7-M B1.5.5, B3.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static void scenario(void) {
  note("enabled 26", is_enabled(26));
  note("pending 26", is_pending(26));
  note("priority 26", get_priority(26));
  note("priority PendSV", get_priority(PENDSV));
  note("priority SysTick", get_priority(SYSTICK));
  note("primask", get_primask());
  note("ipsr", get_ipsr());
}
