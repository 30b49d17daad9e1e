// Handlers nest as deep as there are priorities; each returns to the one it interrupted.
// build: clang -nostdlib
// sentence: Nesting
// manual: ARMv7-M B1.5.4
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

HANDLER(IRQ26_Handler) {
  pend(27);
  note("back in", get_ipsr());
}

HANDLER(IRQ27_Handler) {
  pend(28);
  note("back in", get_ipsr());
}

HANDLER(IRQ28_Handler) {
  pend(29);
  note("back in", get_ipsr());
}

HANDLER(IRQ29_Handler) {
  pend(NMI);
  note("back in", get_ipsr());
}

HANDLER(NMI_Handler) {}

static void scenario(void) {
  open_line(26, LEAST_URGENT);
  open_line(27, RELAXED);
  open_line(28, URGENT);
  open_line(29, MOST_URGENT);
  pend(26);
}
