// With SLEEPONEXIT the return to thread mode waits for the next interrupt: the thread goes on after one that clears it.
// build: clang -nostdlib
// sentence: Sleep-on-exit
// manual: ARMv7-M B1.5.19, B3.2 (SCR)
// on: cortex-m3 cortex-m0 rp2040
// differs cortex-m3: QEMU ignores SLEEPONEXIT: the return does not wait (ARMv7-M B3.2, SCR).
// differs cortex-m0: QEMU ignores SLEEPONEXIT: the return does not wait (ARMv6-M B3.2, SCR).
// differs rp2040: rp2040js ignores SLEEPONEXIT: the return does not wait (ARMv6-M B3.2, SCR).
#include "oracle.h"

static volatile uint32_t ticks;

HANDLER(IRQ26_Handler) { note("ticks", ticks); }

HANDLER(SysTick_Handler) {
  systick_stop();
  ticks++;
  set_sleep_on_exit(0);
}

static void scenario(void) {
  enable(26);
  set_sleep_on_exit(1);
  systick_start(20000);
  pend(26);
  note("back in the thread, ticks", ticks);
  set_sleep_on_exit(0);
  systick_stop();
}
