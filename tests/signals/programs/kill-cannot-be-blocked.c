// sigprocmask(2): blocking SIGKILL and SIGSTOP is silently ignored.
#include "program.h"

int main(void) {
  sigset_t all;
  sigfillset(&all);
  say_result("block all", sigprocmask(SIG_SETMASK, &all, NULL));
  say("KILL %d, STOP %d, TERM %d", is_blocked(SIGKILL), is_blocked(SIGSTOP), is_blocked(SIGTERM));
  raise(SIGTERM);
  say("SIGTERM waits");
  raise(SIGKILL);
  say("not reached");
  return 0;
}
