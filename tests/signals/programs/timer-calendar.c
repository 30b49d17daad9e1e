// timer_create(2): timers run on CLOCK_REALTIME as well.
#include "program.h"

static volatile sig_atomic_t done;

static void on_signal(int number) { done = number; }

int main(void) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  timer_t timer;
  handle(SIGUSR1, on_signal, 0);
  say_result("timer_create", timer_create(CLOCK_REALTIME, &event, &timer));
  struct itimerspec times = {.it_value = {.tv_sec = 0}};
  clock_gettime(CLOCK_REALTIME, &times.it_value);
  times.it_value.tv_nsec += 20000000;
  if (times.it_value.tv_nsec >= 1000000000) times.it_value.tv_sec++, times.it_value.tv_nsec -= 1000000000;
  say_result("timer_settime", timer_settime(timer, TIMER_ABSTIME, &times, NULL));
  while (!done) {
  }
  say("came");
  return 0;
}
