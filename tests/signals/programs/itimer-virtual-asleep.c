// setitimer(2): ITIMER_VIRTUAL does not count while the program sleeps.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  struct itimerval now;
  handle(SIGVTALRM, on_signal, 0);
  start_itimer(ITIMER_VIRTUAL, 60, 0);
  sleep_ms(100);
  getitimer(ITIMER_VIRTUAL, &now);
  say("asleep: %d, much left: %d", (int)count, now.it_value.tv_usec > 20000);
  while (count == 0) {
  }
  say("awake: %d", (int)count);
  return 0;
}
