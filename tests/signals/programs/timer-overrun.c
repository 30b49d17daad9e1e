// timer_getoverrun(2): expirations while the signal is pending are counted, not queued.
#include "program.h"

static volatile sig_atomic_t count;
static timer_t timer;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  if (count++ > 0) return;
  int overruns = timer_getoverrun(timer);
  say("at least 5 overruns: %d, the same in info: %d", overruns >= 5, info->si_overrun == overruns);
}

int main(void) {
  handle_info(SIGRTMIN, on_signal, 0);
  block(SIGRTMIN);
  timer = new_timer(SIGRTMIN, 0);
  start_timer(timer, 10, 10);
  sleep_ms(85);
  struct itimerspec stop = {.it_value = {.tv_sec = 0}};
  struct itimerspec now;
  timer_gettime(timer, &now);
  unblock(SIGRTMIN);
  timer_settime(timer, 0, &stop, NULL);
  say("handled once: %d, interval %ld", count >= 1, now.it_interval.tv_nsec);
  return 0;
}
