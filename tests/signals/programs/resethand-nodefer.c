// sigaction(2): SA_RESETHAND with SA_NODEFER, System V's signal(): the same signal in the handler ends the program there.
#include "program.h"

static void on_signal(int number) {
  say("in the handler, blocked: %d", is_blocked(number));
  raise(number);
  say("not reached");
}

int main(void) {
  handle(SIGUSR2, on_signal, (int)(SA_RESETHAND | SA_NODEFER));
  raise(SIGUSR2);
  return 0;
}
