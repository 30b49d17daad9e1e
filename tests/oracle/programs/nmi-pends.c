// Nothing interrupts NMI; what it pends comes after it, NMI itself first.
// build: clang -nostdlib
// sentence: NMI
// manual: ARMv7-M B1.5.2, B1.5.4
// on: cortex-m3 cortex-m0 rp2040
// differs rp2040: rp2040js lets NMI interrupt itself; nothing preempts an exception of its own priority (ARMv6-M B1.5.4).
#include "oracle.h"

static uint32_t times;

HANDLER(NMI_Handler) {
  pend(26);
  note("pending 26", is_pending(26));
  if (times++ == 0) pend(NMI);
}

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  open_line(26, MOST_URGENT);
  pend(NMI);
}
