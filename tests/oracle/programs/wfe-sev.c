// An event signalled before the wait ends it at once.
// build: clang -nostdlib
// sentence: wfe, sev and the event register
// manual: ARMv7-M B1.5.18
// on: cortex-m3 cortex-m0 rp2040
// differs rp2040: rp2040js's SEV sets no event (ARMv6-M B1.5.18).
#include "oracle.h"

static void scenario(void) {
  sev();
  wfe();
  note("after the wait", 0);
}
