// 500 random sequences of 60 steps of what ARMv6-M has too: pends, PRIMASK, priorities.
// build: clang -nostdlib
// sentence: All of it together
// manual: ARMv6-M B1.5, B3.4
// on: cortex-m0
#include "random-walk.h"

static void special_step(void) { set_primask(0); }
static void observe_special(void) {}
static void special_reset(void) {}
