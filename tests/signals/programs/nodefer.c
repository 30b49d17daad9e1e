// sigaction(2), SA_NODEFER: the signal is not added to the mask while its handler runs, so the handler can nest in itself.
#include "program.h"

static volatile sig_atomic_t depth;

static void on_signal(int number) {
  int mine = ++depth;
  say("enter %d, blocked %d", mine, is_blocked(number));
  if (mine < 4) raise(number);
  say("leave %d", mine);
}

int main(void) {
  handle(SIGUSR1, on_signal, SA_NODEFER);
  raise(SIGUSR1);
  return 0;
}
