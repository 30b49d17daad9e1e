// A supervisor call is taken before the next statement.
// build: clang -nostdlib
// sentence: SVCall and PendSV
// manual: ARMv7-M B1.5.2, B1.5.6
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(SVC_Handler) { note("primask", get_primask()); }

static void scenario(void) {
  note("before", 0);
  svc();
  note("after", 0);
}
