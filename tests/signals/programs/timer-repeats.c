// timer_settime(2): with an interval it expires again and again.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  timer_t timer = new_timer(SIGUSR1, 0);
  long long before = now_ms();
  start_timer(timer, 20, 10);
  while (count < 4) {
  }
  say("not before 50 ms: %d", now_ms() - before >= 49);
  return 0;
}
