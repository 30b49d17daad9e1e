// BASEPRI has eight bits, as many as priorities are implemented.
// build: clang -nostdlib
// sentence: BASEPRI
// manual: ARMv7-M B1.4.3
// on: cortex-m3
#include "oracle.h"

static void scenario(void) {
  set_basepri(0x155);
  note("basepri", get_basepri());
  set_basepri(0xFF);
  note("basepri", get_basepri());
  set_basepri(0);
  note("basepri", get_basepri());
}
