// select(2), pselect(): waits with another mask, which is back when it returns.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  sigset_t none;
  struct timespec timeout = milliseconds(5000);
  sigemptyset(&none);
  handle(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  say_result("pselect", pselect(0, NULL, NULL, NULL, &timeout, &none));
  say("handled %d, blocked %d", (int)count, is_blocked(SIGUSR1));
  return 0;
}
