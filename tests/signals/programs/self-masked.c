// signal(7), sigaction(2): the signal that invoked the handler is blocked while it runs, and delivered after it.
#include "program.h"

static volatile sig_atomic_t count, depth;

static void on_signal(int number) {
  say("enter %d at depth %d", (int)++count, (int)++depth);
  if (count < 3) raise(number);
  say("blocked %d, pending %d", is_blocked(number), is_pending(number));
  depth--;
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  raise(SIGUSR1);
  say("handled %d times", (int)count);
  return 0;
}
