// POSIX 2.4.3: setting a signal action to SIG_IGN for a signal that is pending discards it, blocked or not.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("not reached");
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  say("pending: %d", is_pending(SIGUSR1));
  handle(SIGUSR1, SIG_IGN, 0);
  say("pending: %d", is_pending(SIGUSR1));
  handle(SIGUSR1, on_signal, 0);
  unblock(SIGUSR1);
  say("nothing came");
  return 0;
}
