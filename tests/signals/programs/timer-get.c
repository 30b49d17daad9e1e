// timer_gettime(2): the time left and the interval; both zero for a timer that was never set.
#include "program.h"

int main(void) {
  struct itimerspec now;
  timer_t timer = new_timer(SIGUSR1, 0);
  timer_gettime(timer, &now);
  say("never set: %d", now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0 && now.it_interval.tv_nsec == 0);
  start_timer(timer, 50000, 1500);
  timer_gettime(timer, &now);
  say("interval %d.%09ld", (int)now.it_interval.tv_sec, now.it_interval.tv_nsec);
  say("up to 50 s left: %d", now.it_value.tv_sec >= 40 && now.it_value.tv_sec <= 50);
  return 0;
}
