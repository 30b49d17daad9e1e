// signal(7): sigtimedwait() ends with EINTR when a handler runs, also under SA_RESTART.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0);
  struct timespec timeout = milliseconds(5000);
  block(SIGUSR1);
  handle(SIGALRM, on_signal, SA_RESTART);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("sigtimedwait", sigtimedwait(&set, NULL, &timeout));
  return 0;
}
