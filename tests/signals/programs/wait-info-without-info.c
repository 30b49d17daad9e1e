// sigwaitinfo(2): info may be NULL.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  say("USR1: %d", sigwaitinfo(&set, NULL) == SIGUSR1);
  return 0;
}
