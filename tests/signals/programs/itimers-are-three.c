// setitimer(2): the three timers run side by side.
#include "program.h"

static volatile sig_atomic_t seen;

static void on_signal(int number) { seen |= number == SIGALRM ? 1 : number == SIGVTALRM ? 2 : 4; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  handle(SIGVTALRM, on_signal, 0);
  handle(SIGPROF, on_signal, 0);
  start_itimer(ITIMER_REAL, 10, 10);
  start_itimer(ITIMER_VIRTUAL, 10, 10);
  start_itimer(ITIMER_PROF, 10, 10);
  while (seen != 7) {
  }
  say("all three");
  return 0;
}
