// timer_create(2): what expires first comes first.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("%d", info->si_value.sival_int);
  count++;
}

int main(void) {
  handle_info(SIGRTMIN, on_signal, 0);
  start_timer(new_timer(SIGRTMIN, 3), 300, 0);
  start_timer(new_timer(SIGRTMIN, 1), 100, 0);
  start_timer(new_timer(SIGRTMIN, 2), 200, 0);
  while (count < 3) {
  }
  return 0;
}
