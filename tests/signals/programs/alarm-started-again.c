// alarm(2): a handler may start the next one.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) {
  (void)number;
  if (++count < 4) start_itimer(ITIMER_REAL, 5, 0);
}

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 5, 0);
  while (count < 4) {
  }
  sleep_ms(20);
  say("%d times", (int)count);
  return 0;
}
