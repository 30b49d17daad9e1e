// A reset that firmware asks for clears everything pending, active, enabled and masked, and begins anew.
// build: clang -nostdlib -Wl,--export=wirq_retained
// sentence: Reset
// manual: ARMv7-M B1.5.5, B1.5.16
// on: cortex-m3
#include "oracle.h"

RETAINED_WORD;

HANDLER(IRQ26_Handler) {
  set_basepri(URGENT);
  pend(27);
  flush();
  system_reset();
}

static void scenario(void) {
  note("boots", ++retained_word);
  note("enabled 26", is_enabled(26));
  note("pending 27", is_pending(27));
  note("active 26", is_active(26));
  note("priority 26", get_priority(26));
  note("basepri", get_basepri());
  note("primask", get_primask());
  if (retained_word > 1) return;
  open_line(26, RELAXED);
  open_line(27, LEAST_URGENT);
  pend(26);
}
