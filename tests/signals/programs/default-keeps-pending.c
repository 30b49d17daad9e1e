// POSIX 2.4.3: SIG_DFL discards nothing where the default is to end: unblocking then ends the program.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("not reached");
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  handle(SIGUSR1, SIG_DFL, 0);
  say("pending: %d", is_pending(SIGUSR1));
  unblock(SIGUSR1);
  say("not reached");
  return 0;
}
