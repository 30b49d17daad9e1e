// signal(7), Linux: SA_RESETHAND does not imply SA_NODEFER: the signal raised in its handler waits, then ends the program.
#include "program.h"

static void on_signal(int number) {
  say("in the handler, blocked: %d", is_blocked(number));
  raise(number);
  say("the handler ends");
}

int main(void) {
  handle(SIGUSR1, on_signal, SA_RESETHAND);
  raise(SIGUSR1);
  say("not reached");
  return 0;
}
