// timer_create(2), timer_settime(2): EINVAL for a clock, a signal, or nanoseconds that are none.
#include "program.h"

int main(void) {
  struct sigevent event;
  timer_t timer;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = 65;
  say_result("signal 65", timer_create(CLOCK_MONOTONIC, &event, &timer));
  event.sigev_signo = SIGUSR1;
  event.sigev_notify = 77;
  say_result("notify 77", timer_create(CLOCK_MONOTONIC, &event, &timer));
  timer = new_timer(SIGUSR1, 0);
  struct itimerspec times = {.it_value = {.tv_nsec = 1000000000}};
  say_result("nanoseconds", timer_settime(timer, 0, &times, NULL));
  times = (struct itimerspec){.it_value = {.tv_sec = -1}};
  say_result("negative", timer_settime(timer, 0, &times, NULL));
  times = (struct itimerspec){.it_value = {.tv_sec = 10}, .it_interval = {.tv_nsec = 1000000000}};
  say_result("interval", timer_settime(timer, 0, &times, NULL));
  return 0;
}
