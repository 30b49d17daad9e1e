// sigtimedwait(2): returns before its time when a signal comes.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGRTMIN, 0, 0);
  siginfo_t info;
  struct timespec timeout = milliseconds(5000);
  block(SIGRTMIN);
  start_timer(new_timer(SIGRTMIN, 77), 10, 0);
  long long before = now_ms();
  int number = sigtimedwait(&set, &info, &timeout);
  say("RTMIN: %d, SI_TIMER: %d, value %d", number == SIGRTMIN, info.si_code == SI_TIMER, info.si_value.sival_int);
  say("in time: %d", now_ms() - before < 4000);
  return 0;
}
