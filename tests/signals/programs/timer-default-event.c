// timer_create(2): without a sigevent it sends SIGALRM, with the timer's id as value.
#include "program.h"

static volatile sig_atomic_t done;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("SIGALRM: %d, SI_TIMER: %d", number == SIGALRM, info->si_code == SI_TIMER);
  done = 1;
}

int main(void) {
  timer_t timer;
  handle_info(SIGALRM, on_signal, 0);
  say_result("timer_create", timer_create(CLOCK_MONOTONIC, NULL, &timer));
  start_timer(timer, 10, 0);
  while (!done) {
  }
  return 0;
}
