// signal(2): returns the former handler; as in BSD (glibc), the handler stays, and the signal is blocked while it runs.
#include "program.h"

static void on_signal(int number) { say("handled, blocked %d", is_blocked(number)); }

int main(void) {
  say("default before: %d", signal(SIGUSR1, on_signal) == SIG_DFL);
  raise(SIGUSR1);
  raise(SIGUSR1);
  say("handler before: %d", signal(SIGUSR1, SIG_IGN) == on_signal);
  raise(SIGUSR1);
  say("ignored before: %d", signal(SIGUSR1, SIG_DFL) == SIG_IGN);
  raise(SIGUSR1);
  say("not reached");
  return 0;
}
