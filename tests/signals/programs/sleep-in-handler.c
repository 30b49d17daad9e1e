// signal-safety(7), nanosleep(2): a sleep in a handler is interrupted by another signal's handler.
#include "program.h"

static volatile sig_atomic_t alarms;

static void on_alarm(int number) { (void)number, alarms++; }

static void on_signal(int number) {
  (void)number;
  struct timespec request = milliseconds(5000);
  say_result("nanosleep in the handler", nanosleep(&request, NULL));
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  handle(SIGALRM, on_alarm, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  raise(SIGUSR1);
  say("interrupted by the alarm: %d", alarms > 0);
  return 0;
}
