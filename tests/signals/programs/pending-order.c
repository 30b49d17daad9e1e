// Linux: of several signals that become deliverable at once, the lowest number is taken first; its handler is interrupted
// before its first instruction by the next, and so on, so that the handlers run from the last to the first.
#include "program.h"

static void on_signal(int number) { say("USR1 %d, USR2 %d, TERM %d", number == SIGUSR1, number == SIGUSR2, number == SIGTERM); }

int main(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2, SIGTERM);
  handle(SIGUSR1, on_signal, 0);
  handle(SIGUSR2, on_signal, 0);
  handle(SIGTERM, on_signal, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGTERM);
  raise(SIGUSR1);
  raise(SIGUSR2);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}
