// timer_settime(2), TIMER_ABSTIME: the value is a time on the timer's clock.
#include "program.h"

static volatile sig_atomic_t done;

static void on_signal(int number) { done = number; }

int main(void) {
  struct itimerspec times = {.it_value = {.tv_sec = 0}};
  handle(SIGUSR1, on_signal, 0);
  timer_t timer = new_timer(SIGUSR1, 0);
  long long before = now_ms();
  clock_gettime(CLOCK_MONOTONIC, &times.it_value);
  times.it_value.tv_nsec += 30000000;
  if (times.it_value.tv_nsec >= 1000000000) times.it_value.tv_sec++, times.it_value.tv_nsec -= 1000000000;
  say_result("timer_settime", timer_settime(timer, TIMER_ABSTIME, &times, NULL));
  while (!done) {
  }
  say("30 ms later: %d", now_ms() - before >= 29);
  return 0;
}
