// siglongjmp(3): out of a handler that interrupted another handler, past both.
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;

static void on_inner(int number) {
  (void)number;
  siglongjmp(place, 1);
}

static void on_outer(int number) {
  (void)number;
  raise(SIGUSR2);
  say("not reached");
}

int main(void) {
  handle(SIGUSR1, on_outer, 0);
  handle(SIGUSR2, on_inner, 0);
  if (sigsetjmp(place, 1) == 0) raise(SIGUSR1);
  say("USR1 %d, USR2 %d", is_blocked(SIGUSR1), is_blocked(SIGUSR2));
  raise(SIGWINCH);
  say("goes on");
  return 0;
}
