// timer_create(2): two timers with one real-time signal each have a signal queued.
#include "program.h"

static volatile sig_atomic_t sum, count;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  sum += info->si_value.sival_int;
  count++;
}

int main(void) {
  handle_info(SIGRTMIN, on_signal, 0);
  block(SIGRTMIN);
  start_timer(new_timer(SIGRTMIN, 1), 5, 0);
  start_timer(new_timer(SIGRTMIN, 10), 10, 0);
  sleep_ms(50);
  unblock(SIGRTMIN);
  say("handled %d, sum %d", (int)count, (int)sum);
  return 0;
}
