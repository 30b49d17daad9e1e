// signal(7), sigaction(2): an access where there is no memory raises SIGSEGV, for want of a mapping.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("SIGSEGV: %d, SEGV_MAPERR: %d", number == SIGSEGV, info->si_code == SEGV_MAPERR);
  _exit(4);
}

int main(void) {
  handle_info(SIGSEGV, on_signal, 0);
  volatile char *nowhere = (volatile char *)(uintptr_t)0xfffffff0u;
  *nowhere = 1;
  say("not reached");
  return 0;
}
