// timer_settime(2): the former setting is stored in old_value.
#include "program.h"

int main(void) {
  struct itimerspec old, next = {.it_value = {.tv_sec = 0}};
  timer_t timer = new_timer(SIGUSR1, 0);
  start_timer(timer, 50000, 250);
  say_result("timer_settime", timer_settime(timer, 0, &next, &old));
  say("interval %ld ns, time left: %d", old.it_interval.tv_nsec, old.it_value.tv_sec >= 40 && old.it_value.tv_sec <= 50);
  timer_gettime(timer, &old);
  say("stopped: %d", old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
  return 0;
}
