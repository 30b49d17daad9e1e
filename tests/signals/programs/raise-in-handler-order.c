// POSIX raise(): in a handler too, raise() returns after the other signal's handler.
#include "program.h"

static volatile sig_atomic_t steps;

static void on_inner(int number) {
  (void)number;
  say("step %d: inner", (int)++steps);
}

static void on_outer(int number) {
  (void)number;
  say("step %d: outer raises", (int)++steps);
  raise(SIGUSR2);
  say("step %d: raise returned", (int)++steps);
}

int main(void) {
  handle(SIGUSR1, on_outer, 0);
  handle(SIGUSR2, on_inner, 0);
  raise(SIGUSR1);
  say("step %d: back", (int)++steps);
  return 0;
}
