// signal(7): read() goes on after a handler with SA_RESTART, and ends with EINTR after one without it.
#include "program.h"

static volatile sig_atomic_t alarms, others;
static timer_t timer;

static void on_alarm(int number) {
  (void)number;
  if (++alarms == 3) start_timer(timer, 23, 23);
}

static void on_other(int number) { (void)number, others++; }

int main(void) {
  char byte;
  timer = new_timer(SIGUSR1, 0);
  handle(SIGALRM, on_alarm, SA_RESTART);
  handle(SIGUSR1, on_other, 0);
  start_itimer(ITIMER_REAL, 10, 10);
  say_result("read", (int)read(0, &byte, 1));
  say("restarted at least twice: %d, then interrupted: %d", alarms >= 3, others >= 1);
  return 0;
}
