// setitimer(2): the former setting is stored in old_value.
#include "program.h"

int main(void) {
  struct itimerval old, next = {.it_value = {.tv_sec = 0}};
  start_itimer(ITIMER_REAL, 50000, 2500);
  say_result("setitimer", setitimer(ITIMER_REAL, &next, &old));
  say("interval %d.%06d", (int)old.it_interval.tv_sec, (int)old.it_interval.tv_usec);
  say("time left: %d", old.it_value.tv_sec >= 40 && old.it_value.tv_sec <= 50);
  getitimer(ITIMER_REAL, &old);
  say("stopped: %d", old.it_value.tv_sec == 0 && old.it_value.tv_usec == 0);
  return 0;
}
