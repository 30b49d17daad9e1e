// setitimer(2): with an interval the timer starts again each time.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  long long before = now_ms();
  start_itimer(ITIMER_REAL, 20, 10);
  while (count < 5) {
  }
  say("5 times, not before 60 ms: %d", now_ms() - before >= 59);
  return 0;
}
