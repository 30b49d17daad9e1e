// Written as BASEPRI_MAX, BASEPRI only becomes more urgent, and 0 does not clear it.
// build: clang -nostdlib
// sentence: BASEPRI
// manual: ARMv7-M B1.4.3, B5.2.3 (MSR)
// on: cortex-m3
#include "oracle.h"

static void scenario(void) {
  raise_basepri(RELAXED);
  note("basepri", get_basepri());
  raise_basepri(LEAST_URGENT);
  note("basepri", get_basepri());
  raise_basepri(URGENT);
  note("basepri", get_basepri());
  raise_basepri(0);
  note("basepri", get_basepri());
  set_basepri(0);
}
