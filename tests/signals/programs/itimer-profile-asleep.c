// setitimer(2): ITIMER_PROF does not count while the program sleeps either.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGPROF, on_signal, 0);
  start_itimer(ITIMER_PROF, 60, 0);
  sleep_ms(100);
  say("asleep: %d", (int)count);
  while (count == 0) {
  }
  say("awake: %d", (int)count);
  return 0;
}
