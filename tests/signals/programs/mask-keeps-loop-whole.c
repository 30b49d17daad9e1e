// POSIX 2.4.1: a blocked signal stays pending while a loop runs, and comes when it is unblocked.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  block(SIGALRM);
  start_itimer(ITIMER_REAL, 5, 0);
  while (!is_pending(SIGALRM)) {
  }
  say("pending, handled %d", (int)count);
  unblock(SIGALRM);
  say("handled %d", (int)count);
  return 0;
}
