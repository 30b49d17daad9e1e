// POSIX sigaction(): when the handler returns, the mask is what it was, whatever the handler did to it.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  block(SIGTERM);
  unblock(SIGHUP);
  say("in the handler: TERM %d HUP %d", is_blocked(SIGTERM), is_blocked(SIGHUP));
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  block(SIGHUP);
  raise(SIGUSR1);
  say("after it: TERM %d HUP %d USR1 %d", is_blocked(SIGTERM), is_blocked(SIGHUP), is_blocked(SIGUSR1));
  return 0;
}
