// sigaction(2): without SA_SIGINFO the information still travels with the signal: sigwaitinfo() shows it.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0);
  siginfo_t info;
  block(SIGUSR1);
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5});
  say("SIGUSR1: %d", sigwaitinfo(&set, &info) == SIGUSR1);
  say("value %d", info.si_value.sival_int);
  return 0;
}
