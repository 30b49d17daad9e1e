// signal(7), Linux: real-time signals queue also when kill() and raise() send them.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGRTMIN, on_signal, 0);
  block(SIGRTMIN);
  for (int i = 0; i < 3; i++) {
    kill(getpid(), SIGRTMIN);
    raise(SIGRTMIN);
  }
  unblock(SIGRTMIN);
  say("handled %d", (int)count);
  return 0;
}
