// POSIX 2.4.1: the action is determined when the signal is delivered, so a pending signal gets the newest handler.
#include "program.h"

static void on_old(int number) {
  (void)number;
  say("old handler");
}

static void on_new(int number) {
  (void)number;
  say("new handler");
}

int main(void) {
  handle(SIGUSR1, on_old, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  handle(SIGUSR1, on_new, 0);
  say("pending: %d", is_pending(SIGUSR1));
  unblock(SIGUSR1);
  return 0;
}
