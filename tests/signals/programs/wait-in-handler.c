// sigtimedwait(2): a handler may take a signal that its mask blocks.
#include "program.h"

static void on_signal(int number) {
  sigset_t own = set_of(number, 0, 0);
  struct timespec none = {0};
  raise(number);
  say("taken: %d", sigtimedwait(&own, NULL, &none) == number);
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  raise(SIGUSR1);
  say("once only");
  return 0;
}
