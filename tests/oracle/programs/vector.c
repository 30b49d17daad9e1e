// A vector can be replaced at run time; the next entry uses it.
// build: clang -nostdlib
// sentence: Vectors
// manual: ARMv7-M B1.5.3; CMSIS-Core NVIC_SetVector
// on: cortex-m3 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

static void other(void) { note("the other handler, ipsr", get_ipsr()); }

static void scenario(void) {
  enable(26);
  pend(26);
  set_vector(26, other);
  pend(26);
  pend(26);
}
