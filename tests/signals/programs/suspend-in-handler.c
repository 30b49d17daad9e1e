// sigsuspend(2): a handler may wait for another signal.
#include "program.h"

static void on_inner(int number) {
  (void)number;
  say("inner");
}

static void on_outer(int number) {
  (void)number;
  sigset_t none;
  sigemptyset(&none);
  say("outer waits");
  say_result("sigsuspend", sigsuspend(&none));
  say("USR1 blocked again: %d", is_blocked(SIGUSR1));
}

int main(void) {
  handle(SIGUSR1, on_outer, 0);
  handle(SIGALRM, on_inner, 0);
  block(SIGALRM);
  start_itimer(ITIMER_REAL, 20, 0);
  raise(SIGUSR1);
  say("done");
  return 0;
}
