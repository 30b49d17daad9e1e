// timer_create(2): many timers, each with its own signal value and interval.
#include "program.h"

static volatile sig_atomic_t counts[4];

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  counts[info->si_value.sival_int]++;
}

int main(void) {
  handle_info(SIGRTMIN, on_signal, 0);
  for (int i = 0; i < 4; i++) start_timer(new_timer(SIGRTMIN, i), 10 + i, 10 + i);
  while (counts[0] < 3 || counts[1] < 3 || counts[2] < 3 || counts[3] < 3) {
  }
  say("each three times");
  return 0;
}
