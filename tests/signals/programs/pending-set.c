// sigpending(2): the set of signals that are pending and blocked, nothing else.
#include "program.h"

int main(void) {
  sigset_t block_these = set_of(SIGUSR1, SIGUSR2, SIGRTMIN + 2), pending;
  sigprocmask(SIG_BLOCK, &block_these, NULL);
  raise(SIGUSR2);
  raise(SIGRTMIN + 2);
  raise(SIGWINCH);
  say_result("sigpending", sigpending(&pending));
  int members = 0;
  for (int number = 1; number <= SIGRTMAX; number++) {
    if (number < 32 || number >= SIGRTMIN) members += sigismember(&pending, number);
  }
  say("%d members: USR2 %d, RTMIN+2 %d", members, sigismember(&pending, SIGUSR2), sigismember(&pending, SIGRTMIN + 2));
  return 0;
}
