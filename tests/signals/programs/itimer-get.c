// getitimer(2): the time left, and the interval.
#include "program.h"

int main(void) {
  struct itimerval now;
  getitimer(ITIMER_REAL, &now);
  say("not set: %d", now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0);
  start_itimer(ITIMER_REAL, 50000, 1250);
  say_result("getitimer", getitimer(ITIMER_REAL, &now));
  say("interval %d.%06d", (int)now.it_interval.tv_sec, (int)now.it_interval.tv_usec);
  say("up to 50 s left: %d", now.it_value.tv_sec >= 40 && now.it_value.tv_sec <= 50);
  return 0;
}
