// pthread_sigmask(3): as sigprocmask(), but returns the error number.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0), old;
  say("%d", pthread_sigmask(SIG_BLOCK, &set, &old));
  say("blocked %d, before %d", is_blocked(SIGUSR1), sigismember(&old, SIGUSR1));
  say("%s", name_of(pthread_sigmask(99, &set, NULL)));
  return 0;
}
