// timer_getoverrun(2): zero when the signal was taken each time.
#include "program.h"

static volatile sig_atomic_t done;
static timer_t timer;

static void on_signal(int number) {
  (void)number;
  say("overruns %d", timer_getoverrun(timer));
  done = 1;
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  timer = new_timer(SIGUSR1, 0);
  start_timer(timer, 10, 0);
  while (!done) {
  }
  return 0;
}
