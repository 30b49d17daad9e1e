// Linux: a blocked signal that is ignored can still be waited for.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGUSR1, SIGCHLD, 0);
  handle(SIGUSR1, SIG_IGN, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  raise(SIGCHLD);
  say("USR1: %d", sigwaitinfo(&set, NULL) == SIGUSR1);
  say("CHLD: %d", sigwaitinfo(&set, NULL) == SIGCHLD);
  return 0;
}
