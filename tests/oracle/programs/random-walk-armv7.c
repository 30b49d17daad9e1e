// 500 random sequences of 60 steps, in the thread and in handlers: pends, masks, priorities, groups, supervisor calls.
// build: clang -nostdlib
// sentence: All of it together
// manual: ARMv7-M B1.5, B3.4
// on: cortex-m3
#define SPECIAL_STEPS 4
#include "random-walk.h"

enum { IN_NMI = 2, IN_HARDFAULT = 3 };

static void special_step(void) {
  const uint32_t kind = draw(6);
  const uint32_t value = draw(256);
  const uint32_t exception = get_ipsr();
  SHOW("  special", kind);
  SHOW("  with", value);
  if (kind == 0) set_basepri(value < 64 ? 0 : value);
  else if (kind == 1) raise_basepri(value);
  else if (kind == 2) set_priority_grouping(value & 7);
  else if (kind == 3) pend(SVCALL);
  else if (exception == IN_NMI || exception == IN_HARDFAULT) return;
  else if (kind == 4) set_faultmask(value < 100);
  else if (get_faultmask() == 0) svc();
}

static void observe_special(void) {
  uint32_t bits = get_faultmask() << 8 | get_basepri();
  for (int32_t line = FIRST_LINE; line < FIRST_LINE + LINES; line++) bits = bits << 1 | is_active(line);
  bits = bits << 4 | is_active(PENDSV) << 3 | is_active(SYSTICK) << 2 | is_active(SVCALL) << 1 | is_pending(SVCALL);
  observe(bits);
  observe(get_priority(SVCALL));
  observe(get_priority_grouping());
  SHOW("masks and active", bits);
}

static void special_reset(void) {
  set_faultmask(0);
  set_basepri(0);
  set_priority_grouping(0);
}
