// sigaction(2): what is not in sa_mask interrupts the handler.
#include "program.h"

static void on_second(int number) {
  (void)number;
  say("second");
}

static void on_first(int number) {
  (void)number;
  say("first begins");
  raise(SIGUSR2);
  say("first ends");
}

int main(void) {
  handle(SIGUSR1, on_first, 0);
  handle(SIGUSR2, on_second, 0);
  raise(SIGUSR1);
  return 0;
}
