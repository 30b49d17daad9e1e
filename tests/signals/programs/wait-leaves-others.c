// sigwaitinfo(2): signals outside the set stay pending.
#include "program.h"

int main(void) {
  sigset_t both = set_of(SIGUSR1, SIGUSR2, 0), one = set_of(SIGUSR2, 0, 0);
  sigprocmask(SIG_BLOCK, &both, NULL);
  raise(SIGUSR1);
  raise(SIGUSR2);
  say("USR2: %d", sigwaitinfo(&one, NULL) == SIGUSR2);
  say("pending: USR1 %d, USR2 %d", is_pending(SIGUSR1), is_pending(SIGUSR2));
  return 0;
}
