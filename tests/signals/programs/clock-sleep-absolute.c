// clock_nanosleep(2), TIMER_ABSTIME: EINTR too, and the remaining time is not stored; calling again sleeps to the end.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct timespec until, rest = {.tv_sec = 77};
  handle(SIGALRM, on_signal, SA_RESTART);
  long long before = now_ms();
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += 300000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  start_itimer(ITIMER_REAL, 15, 15);
  int rounds = 0;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, &rest) == EINTR) rounds++;
  say("interrupted: %d, rest untouched: %d", rounds >= 1, rest.tv_sec == 77);
  say("300 ms: %d", now_ms() - before >= 299);
  return 0;
}
