// What became pending in a handler and cannot preempt it is taken at its return; the thread does nothing in between.
// build: clang -nostdlib
// sentence: Tail-chaining
// manual: ARMv7-M B1.5.12
// on: cortex-m3 cortex-m0 rp2040
#include "oracle.h"

static volatile uint32_t thread_steps;

HANDLER(IRQ26_Handler) {
  note("thread's steps", thread_steps);
  pend(28);
  pend(27);
}

HANDLER(IRQ27_Handler) { note("thread's steps", thread_steps); }
HANDLER(IRQ28_Handler) { note("thread's steps", thread_steps); }

static void scenario(void) {
  open_line(26, URGENT);
  open_line(27, URGENT);
  open_line(28, RELAXED);
  thread_steps = 1;
  pend(26);
  thread_steps = 2;
  note("thread's steps", thread_steps);
}
