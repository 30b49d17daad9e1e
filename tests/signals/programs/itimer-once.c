// setitimer(2): without an interval it comes once, and then reads zero.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  struct itimerval now;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 10, 0);
  sleep_ms(60);
  getitimer(ITIMER_REAL, &now);
  say("handled %d, zero: %d", (int)count, now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0);
  return 0;
}
