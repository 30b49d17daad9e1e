// sigprocmask(2): SIG_BLOCK adds to the mask, SIG_UNBLOCK takes away, SIG_SETMASK replaces it.
#include "program.h"

static void show(const char *what) {
  say("%s: INT %d, USR1 %d, USR2 %d", what, is_blocked(SIGINT), is_blocked(SIGUSR1), is_blocked(SIGUSR2));
}

int main(void) {
  sigset_t set = set_of(SIGINT, SIGUSR1, 0);
  say_result("SIG_BLOCK", sigprocmask(SIG_BLOCK, &set, NULL));
  show("blocked");
  set = set_of(SIGUSR1, SIGUSR2, 0);
  say_result("SIG_UNBLOCK", sigprocmask(SIG_UNBLOCK, &set, NULL));
  show("unblocked");
  say_result("SIG_SETMASK", sigprocmask(SIG_SETMASK, &set, NULL));
  show("set");
  sigemptyset(&set);
  say_result("SIG_SETMASK", sigprocmask(SIG_SETMASK, &set, NULL));
  show("emptied");
  return 0;
}
