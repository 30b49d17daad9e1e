// timer_create(2), SIGEV_NONE: it counts, and sends nothing.
#include "program.h"

int main(void) {
  struct sigevent event;
  struct itimerspec now;
  timer_t timer;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_NONE;
  say_result("timer_create", timer_create(CLOCK_MONOTONIC, &event, &timer));
  start_timer(timer, 10, 0);
  sleep_ms(50);
  timer_gettime(timer, &now);
  say("expired: %d", now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);
  start_timer(timer, 10000, 0);
  timer_gettime(timer, &now);
  say("counts: %d", now.it_value.tv_sec > 0);
  return 0;
}
