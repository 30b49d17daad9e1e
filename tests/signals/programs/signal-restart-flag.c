// signal(2), glibc: signal() installs with SA_RESTART.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct sigaction action;
  signal(SIGUSR1, on_signal);
  sigaction(SIGUSR1, NULL, &action);
  say("SA_RESTART: %d, SA_RESETHAND: %d, SA_NODEFER: %d", !!(action.sa_flags & SA_RESTART),
      !!(action.sa_flags & (int)SA_RESETHAND), !!(action.sa_flags & SA_NODEFER));
  return 0;
}
