// POSIX 2.4.1 leaves open what becomes of a signal that is blocked and ignored; Linux keeps it pending.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("handled");
}

int main(void) {
  handle(SIGUSR1, SIG_IGN, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  say("pending: %d", is_pending(SIGUSR1));
  handle(SIGUSR1, on_signal, 0);
  unblock(SIGUSR1);
  return 0;
}
