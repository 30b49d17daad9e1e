// sigwaitinfo(2): returns the number, and the information that a handler would get.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGRTMIN + 4, 0, 0);
  siginfo_t info;
  block(SIGRTMIN + 4);
  sigqueue(getpid(), SIGRTMIN + 4, (union sigval){.sival_int = 11});
  int number = sigwaitinfo(&set, &info);
  say("RTMIN+%d, the same in info: %d", number - SIGRTMIN, info.si_signo == number);
  say("SI_QUEUE %d, value %d, from itself %d", info.si_code == SI_QUEUE, info.si_value.sival_int,
      info.si_pid == getpid());
  return 0;
}
