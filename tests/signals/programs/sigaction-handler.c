// sigaction(2): a handler is called with the signal's number; raise() returns after it has returned (POSIX raise()).
#include "program.h"

static volatile sig_atomic_t seen;

static void on_signal(int number) { seen = number; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  say_result("raise", raise(SIGUSR1));
  say("seen SIGUSR1: %d", seen == SIGUSR1);
  return 0;
}
