// sigaction(2), siginfo_t: si_addr is the address of the fault.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("the address: %d", (uintptr_t)info->si_addr == 0xfffffff0u);
  _exit(4);
}

int main(void) {
  handle_info(SIGSEGV, on_signal, 0);
  volatile char *nowhere = (volatile char *)(uintptr_t)0xfffffff0u;
  *nowhere = 1;
  say("not reached");
  return 0;
}
