// sigwait(3): takes a pending signal without its handler, and returns 0 and its number.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("not reached");
}

int main(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2, 0);
  int number = 0;
  handle(SIGUSR1, on_signal, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  say_result("sigwait", sigwait(&set, &number));
  say("USR1: %d, pending: %d", number == SIGUSR1, is_pending(SIGUSR1));
  return 0;
}
