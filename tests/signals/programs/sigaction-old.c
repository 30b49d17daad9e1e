// sigaction(2): the former action is stored in oldact: the default at first, then handler, flags and mask as they were set.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART | SA_NODEFER;
  action.sa_mask = set_of(SIGUSR2, SIGTERM, 0);
  sigaction(SIGUSR1, &action, &old);
  say("default at first: %d", old.sa_handler == SIG_DFL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGUSR1, &action, &old);
  say("handler: %d", old.sa_handler == on_signal);
  say("restart %d, nodefer %d, onstack %d", !!(old.sa_flags & SA_RESTART), !!(old.sa_flags & SA_NODEFER),
      !!(old.sa_flags & SA_ONSTACK));
  say("mask: %d %d %d", sigismember(&old.sa_mask, SIGUSR2), sigismember(&old.sa_mask, SIGTERM),
      sigismember(&old.sa_mask, SIGUSR1));
  return 0;
}
