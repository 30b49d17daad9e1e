// signal(7): a fault in a handler of another signal is handled above it.
#include "program.h"

static volatile int zero;

static void on_fault(int number) {
  say("SIGFPE: %d, USR1 blocked: %d", number == SIGFPE, is_blocked(SIGUSR1));
  _exit(6);
}

static void on_signal(int number) {
  (void)number;
  say("%d", 1000 / zero);
}

int main(void) {
  handle(SIGFPE, on_fault, 0);
  handle(SIGUSR1, on_signal, 0);
  raise(SIGUSR1);
  return 0;
}
