// sigsuspend(2): the way to wait for a flag without a race.
#include "program.h"

static volatile sig_atomic_t ticks;

static void on_signal(int number) { (void)number, ticks++; }

int main(void) {
  sigset_t former, alarms = set_of(SIGALRM, 0, 0);
  handle(SIGALRM, on_signal, 0);
  sigprocmask(SIG_BLOCK, &alarms, &former);
  start_itimer(ITIMER_REAL, 5, 5);
  int rounds = 0;
  while (ticks < 6) {
    sigsuspend(&former);
    rounds++;
  }
  say("%d ticks, a round each: %d", (int)ticks, rounds == ticks);
  return 0;
}
