// POSIX 2.4.3: signals sent to a stopped program wait until it is continued.
#include "program.h"

static long long started;

static void on_signal(int number) {
  (void)number;
  say("handled before 40 ms: %d", now_ms() - started < 39);
}

int main(void) {
  started = now_ms();
  handle(SIGUSR1, on_signal, 0);
  start_timer(new_timer(SIGUSR1, 0), 10, 0);
  start_timer(new_timer(SIGCONT, 0), 40, 0);
  raise(SIGSTOP);
  say("continued");
  return 0;
}
