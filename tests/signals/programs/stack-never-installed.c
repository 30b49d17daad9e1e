// sigaction(2): SA_ONSTACK without an alternate stack uses the ordinary one.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGUSR1, on_signal, SA_ONSTACK);
  raise(SIGUSR1);
  say("handled %d", (int)count);
  return 0;
}
