// timer_settime(2): a value of zero stops it.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  timer_t timer = new_timer(SIGUSR1, 0);
  start_timer(timer, 5, 5);
  while (count < 2) {
  }
  start_timer(timer, 0, 5);
  int stopped_at = count;
  sleep_ms(30);
  say("none since: %d", count == stopped_at);
  return 0;
}
