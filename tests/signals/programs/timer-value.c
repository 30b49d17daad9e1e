// timer_create(2): the signal carries SI_TIMER and the value that was given.
#include "program.h"

static volatile sig_atomic_t done;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("SI_TIMER: %d, value %d, overruns %d", info->si_code == SI_TIMER, info->si_value.sival_int, info->si_overrun);
  done = 1;
}

int main(void) {
  handle_info(SIGRTMIN, on_signal, 0);
  start_timer(new_timer(SIGRTMIN, 1234), 10, 0);
  while (!done) {
  }
  return 0;
}
