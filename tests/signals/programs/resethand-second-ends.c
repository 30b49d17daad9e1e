// sigaction(2), SA_RESETHAND: the second signal takes the default action.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("handled");
}

int main(void) {
  handle(SIGTERM, on_signal, SA_RESETHAND);
  raise(SIGTERM);
  say("still here");
  raise(SIGTERM);
  say("not reached");
  return 0;
}
