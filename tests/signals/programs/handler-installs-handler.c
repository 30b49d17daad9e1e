// signal-safety(7): sigaction() may be called from a handler; the new handler is for the next signal.
#include "program.h"

static void on_second(int number) {
  (void)number;
  say("second handler");
}

static void on_first(int number) {
  say("first handler");
  handle(number, on_second, 0);
}

int main(void) {
  handle(SIGUSR1, on_first, 0);
  raise(SIGUSR1);
  raise(SIGUSR1);
  raise(SIGUSR1);
  return 0;
}
