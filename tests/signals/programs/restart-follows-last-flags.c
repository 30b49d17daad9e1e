// signal(7): whether read() is restarted is decided by the flags in force when the signal is delivered.
#include "program.h"

static volatile sig_atomic_t alarms;

static void on_signal(int number) {
  alarms++;
  if (alarms == 2) handle(number, on_signal, 0);
}

int main(void) {
  char byte;
  handle(SIGALRM, on_signal, SA_RESTART);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("read", (int)read(0, &byte, 1));
  say("not before the third: %d", alarms >= 3);
  return 0;
}
