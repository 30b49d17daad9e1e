// POSIX 2.4.1: SIGCONT continues a stopped program even if it is blocked; it stays pending then.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("handled");
}

int main(void) {
  handle(SIGCONT, on_signal, 0);
  block(SIGCONT);
  start_timer(new_timer(SIGCONT, 0), 30, 0);
  raise(SIGSTOP);
  say("goes on, SIGCONT pending: %d", is_pending(SIGCONT));
  unblock(SIGCONT);
  return 0;
}
