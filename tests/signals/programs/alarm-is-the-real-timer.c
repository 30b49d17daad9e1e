// alarm(2), setitimer(2): both use the same timer.
#include "program.h"

int main(void) {
  struct itimerval now;
  alarm(20);
  getitimer(ITIMER_REAL, &now);
  say("close to 20 s: %d", now.it_value.tv_sec == 19 || (now.it_value.tv_sec == 20 && now.it_value.tv_usec == 0));
  start_itimer(ITIMER_REAL, 30000, 0);
  say("alarm's rest: %u", alarm(0));
  getitimer(ITIMER_REAL, &now);
  say("cancelled: %d", now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0);
  return 0;
}
