// FAULTMASK cannot be set in an NMI handler: it would stay set for ever.
// build: clang -nostdlib
// sentence: FAULTMASK
// manual: ARMv7-M B5.2.3 (MSR: only below priority -1), B5.2.1 (CPS)
// on: cortex-m3
// differs cortex-m3: QEMU sets FAULTMASK at any priority; the manual at priorities below -1 only (ARMv7-M B1.4.3, B5.2.3).
#include "oracle.h"

HANDLER(NMI_Handler) {
  set_faultmask(1);
  note("faultmask", get_faultmask());
}
HANDLER(IRQ26_Handler) {}

static void scenario(void) {
  enable(26);
  pend(NMI);
  note("faultmask", get_faultmask());
  pend(26);
  set_faultmask(0);
}
