// POSIX kill(): a signal to oneself that is not blocked is delivered before kill() returns.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  handle(SIGRTMIN, on_signal, 0);
  int order = 0;
  for (int i = 1; i <= 100; i++) {
    kill(getpid(), SIGUSR1);
    order += count == 2 * i - 1;
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
    order += count == 2 * i;
  }
  say("%d of 200", order);
  return 0;
}
