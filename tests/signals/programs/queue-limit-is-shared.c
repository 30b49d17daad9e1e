// sigqueue(3), Linux: the limit counts the queued signals of all numbers together.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGRTMIN, SIGRTMIN + 1, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  int sent = 0;
  while (sent < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = sent}) == 0) sent++;
  say_result("another number", sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 0}));
  say("pending: %d %d", is_pending(SIGRTMIN), is_pending(SIGRTMIN + 1));
  return 0;
}
