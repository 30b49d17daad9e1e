// POSIX 2.4.3: a handler returns to the point of interruption; errno there is what it was if the handler leaves it alone.
#include "program.h"

static volatile sig_atomic_t ticks;

static void on_signal(int number) { (void)number, ticks++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 2, 2);
  int changed = 0;
  errno = ESRCH;
  while (ticks < 10) changed += errno != ESRCH;
  start_itimer(ITIMER_REAL, 0, 0);
  say("errno changed %d times", changed);
  raise(SIGALRM);
  say("errno after raise: %s", name_of(errno));
  return 0;
}
