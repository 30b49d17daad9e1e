// FAULTMASK is not PRIMASK: what it holds back does not end a wait, and without NMI the machine waits for ever.
// build: clang -nostdlib
// sentence: Wake-up from wfi under each mask
// manual: ARMv7-M B1.5.19
// on: cortex-m3
// differs cortex-m3: QEMU ends a wait for what FAULTMASK holds back; the manual disregards PRIMASK alone (ARMv7-M B1.5.19).
#include "oracle.h"

HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  enable(26);
  set_faultmask(1);
  pend(26);
  flush();
  wfi();
  note("woken, pending", is_pending(26));
}
