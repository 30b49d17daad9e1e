// Priorities read back as written, in the bits that are implemented: eight here, two on an M0+.
// build: clang -nostdlib
// sentence: Priority bits
// manual: ARMv7-M B1.5.4, B3.4 (NVIC_IPR); ARMv6-M B3.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static void scenario(void) {
  set_priority(26, 0x40);
  set_priority(27, 0xFF);
  set_priority(28, 0x55);
  set_priority(29, 0x80);
  note("priority 26", get_priority(26));
  note("priority 27", get_priority(27));
  note("priority 28", get_priority(28));
  note("priority 29", get_priority(29));
  note("priority 30", get_priority(30));
}
