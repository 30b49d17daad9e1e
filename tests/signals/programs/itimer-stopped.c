// setitimer(2): a value of zero stops the timer, whatever the interval.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 5, 5);
  while (count < 2) {
  }
  start_itimer(ITIMER_REAL, 0, 5);
  int stopped_at = count;
  sleep_ms(30);
  say("none since: %d", count == stopped_at);
  return 0;
}
