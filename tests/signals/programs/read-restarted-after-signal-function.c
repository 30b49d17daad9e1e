// signal(2): handlers that signal() installs restart read(); siginterrupt()'s job is done by sigaction() without SA_RESTART.
#include "program.h"

static volatile sig_atomic_t alarms;

static void on_signal(int number) {
  (void)number;
  if (++alarms == 2) handle(SIGALRM, on_signal, 0);
}

int main(void) {
  char byte;
  signal(SIGALRM, on_signal);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("read", (int)read(0, &byte, 1));
  say("not the first one: %d", alarms >= 2);
  return 0;
}
