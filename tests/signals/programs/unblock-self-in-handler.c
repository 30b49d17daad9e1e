// POSIX sigprocmask(): a handler that unblocks its own signal is interrupted by it before the call returns.
#include "program.h"

static volatile sig_atomic_t depth;

static void on_signal(int number) {
  int mine = ++depth;
  say("enter %d", mine);
  if (mine < 3) {
    raise(number);
    unblock(number);
  }
  say("leave %d", mine);
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  raise(SIGUSR1);
  return 0;
}
