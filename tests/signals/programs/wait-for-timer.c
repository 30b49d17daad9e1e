// sigwait(3): waits until one of the set comes.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGALRM, SIGUSR1, 0);
  int number = 0;
  sigprocmask(SIG_BLOCK, &set, NULL);
  start_itimer(ITIMER_REAL, 10, 10);
  for (int i = 0; i < 3; i++) {
    int result = sigwait(&set, &number);
    say("%d: %d, SIGALRM %d", i, result, number == SIGALRM);
  }
  return 0;
}
