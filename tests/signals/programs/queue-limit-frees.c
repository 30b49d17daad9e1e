// sigqueue(3): each delivery makes room for one more.
#include "program.h"

static siginfo_t info;

int main(void) {
  sigset_t set = set_of(SIGRTMIN, 0, 0);
  block(SIGRTMIN);
  int sent = 0;
  while (sent < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = sent}) == 0) sent++;
  sigwaitinfo(&set, &info);
  say("first value %d", info.si_value.sival_int);
  say_result("one more", sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = sent}));
  say_result("and another", sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = sent}));
  return 0;
}
