// sigwaitinfo(2): EINTR when a handler of a signal outside the set runs, SA_RESTART or not.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0);
  block(SIGUSR1);
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("sigwaitinfo", sigwaitinfo(&set, NULL));
  handle(SIGALRM, on_signal, SA_RESTART);
  say_result("sigwaitinfo", sigwaitinfo(&set, NULL));
  return 0;
}
