// sigwaitinfo(2): the lowest number first, and within a number the order in which they were sent.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGRTMIN, SIGRTMIN + 1, SIGUSR2);
  siginfo_t info;
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int i = 0; i < 2; i++) {
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 10 + i});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 20 + i});
  }
  kill(getpid(), SIGUSR2);
  for (int i = 0; i < 5; i++) {
    int number = sigwaitinfo(&set, &info);
    if (number == SIGUSR2) say("USR2");
    else say("RTMIN+%d: value %d", number - SIGRTMIN, info.si_value.sival_int);
  }
  return 0;
}
