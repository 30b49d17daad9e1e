// timer_create(2), CLOCK_PROCESS_CPUTIME_ID: counts the program's work, not its sleep.
#include "program.h"

static volatile sig_atomic_t done;

static void on_signal(int number) { done = number; }

int main(void) {
  struct sigevent event;
  timer_t timer;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  handle(SIGUSR1, on_signal, 0);
  say_result("timer_create", timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer));
  start_timer(timer, 60, 0);
  sleep_ms(100);
  say("asleep: %d", done != 0);
  while (!done) {
  }
  say("awake: %d", done != 0);
  return 0;
}
