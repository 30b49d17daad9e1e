// sigprocmask(2): the former mask is stored in oldset.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGINT, SIGRTMAX, 0), old;
  sigprocmask(SIG_BLOCK, &set, &old);
  say("before: INT %d", sigismember(&old, SIGINT));
  set = set_of(SIGINT, 0, 0);
  sigprocmask(SIG_UNBLOCK, &set, &old);
  say("then: INT %d, RTMAX %d", sigismember(&old, SIGINT), sigismember(&old, SIGRTMAX));
  sigprocmask(SIG_SETMASK, &old, &set);
  say("back: INT %d, RTMAX %d", is_blocked(SIGINT), is_blocked(SIGRTMAX));
  return 0;
}
