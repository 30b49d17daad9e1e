// signal(7): a handler can be interrupted by another; each returns to where it was interrupted.
#include "program.h"

static void on_signal(int number) {
  static const int next[] = {SIGINT, SIGUSR1, SIGUSR2, SIGTERM};
  static volatile sig_atomic_t depth;
  int mine = depth++;
  say("enter %d", mine);
  if (mine < 3) raise(next[mine + 1]);
  say("leave %d, own signal blocked %d", mine, is_blocked(number));
}

int main(void) {
  handle(SIGINT, on_signal, 0);
  handle(SIGUSR1, on_signal, 0);
  handle(SIGUSR2, on_signal, 0);
  handle(SIGTERM, on_signal, 0);
  raise(SIGINT);
  say("done, blocked %d %d %d %d", is_blocked(SIGINT), is_blocked(SIGUSR1), is_blocked(SIGUSR2), is_blocked(SIGTERM));
  return 0;
}
