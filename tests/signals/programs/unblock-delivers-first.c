// POSIX sigprocmask(): of the pending signals that a call unblocks, at least one is delivered before it returns.
#include "program.h"

static volatile sig_atomic_t seen;

static void on_signal(int number) { seen = number; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  sigset_t none;
  sigemptyset(&none);
  int before = seen;
  int result = sigprocmask(SIG_SETMASK, &none, NULL);
  say("before %d, when it returned: %d", before, seen == SIGUSR1);
  say_result("sigprocmask", result);
  return 0;
}
