// signal(7), sigaction(2): integer division by zero raises SIGFPE with FPE_INTDIV.
#include "program.h"

static volatile int zero;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("SIGFPE: %d %d, FPE_INTDIV: %d", number == SIGFPE, info->si_signo == SIGFPE, info->si_code == FPE_INTDIV);
  _exit(4);
}

int main(void) {
  handle_info(SIGFPE, on_signal, 0);
  say("%d", 1000 / zero);
  return 0;
}
