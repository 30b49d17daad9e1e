// signal(7): a signal with a default action ends the program in the middle of another's handler.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  raise(SIGTERM);
  say("not reached");
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  raise(SIGUSR1);
  say("not reached");
  return 0;
}
