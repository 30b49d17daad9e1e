// sleep(3): returns the seconds that were left when a handler ran.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 100, 100);
  unsigned left = sleep(100);
  say("left: %d", left >= 95 && left <= 100);
  return 0;
}
