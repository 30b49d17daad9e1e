// timer_settime(2), TIMER_ABSTIME: a time that has passed expires at once.
#include "program.h"

static volatile sig_atomic_t done;

static void on_signal(int number) { done = number; }

int main(void) {
  struct itimerspec times = {.it_value = {.tv_nsec = 1}};
  handle(SIGUSR1, on_signal, 0);
  timer_t timer = new_timer(SIGUSR1, 0);
  sleep_ms(2);
  say_result("timer_settime", timer_settime(timer, TIMER_ABSTIME, &times, NULL));
  while (!done) {
  }
  say("came");
  return 0;
}
