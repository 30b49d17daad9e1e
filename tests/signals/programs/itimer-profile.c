// setitimer(2): ITIMER_PROF sends SIGPROF while the program works: the base of profilers.
#include "program.h"

static volatile sig_atomic_t samples, where;

static void on_signal(int number) {
  (void)number;
  if (where == 1) samples++;
}

int main(void) {
  handle(SIGPROF, on_signal, SA_RESTART);
  start_itimer(ITIMER_PROF, 10, 10);
  where = 1;
  while (samples < 3) {
  }
  where = 2;
  start_itimer(ITIMER_PROF, 0, 0);
  say("three samples: %d", (int)samples >= 3);
  return 0;
}
