// signal-safety(7): a handler that calls what sets errno saves and restores it.
#include "program.h"

static volatile sig_atomic_t ticks, failed;

static void on_signal(int number) {
  (void)number;
  int saved = errno;
  if (kill(getpid(), 1000) == -1 && errno == EINVAL) failed++;
  errno = saved;
  ticks++;
}

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 2, 2);
  int changed = 0;
  errno = EAGAIN;
  while (ticks < 10) changed += errno != EAGAIN;
  start_itimer(ITIMER_REAL, 0, 0);
  say("errno changed %d times; each handler saw a failure: %d", changed, failed == ticks);
  return 0;
}
