// sigaction(2): with act NULL nothing changes; the current action can be asked for.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  struct sigaction old;
  handle(SIGUSR1, on_signal, 0);
  for (int i = 0; i < 3; i++) {
    say_result("query", sigaction(SIGUSR1, NULL, &old));
    say("still the handler: %d", old.sa_handler == on_signal);
    raise(SIGUSR1);
  }
  say("handled %d", (int)count);
  say_result("nothing at all", sigaction(SIGUSR1, NULL, NULL));
  return 0;
}
