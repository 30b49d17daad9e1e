// Linux: two pending signals that sigsuspend() unblocks are both delivered before it returns.
#include "program.h"

static void on_signal(int number) {
  say("USR1 %d, USR2 %d; blocked: USR1 %d, USR2 %d", number == SIGUSR1, number == SIGUSR2, is_blocked(SIGUSR1),
      is_blocked(SIGUSR2));
}

int main(void) {
  sigset_t both = set_of(SIGUSR1, SIGUSR2, 0), none = set_of(0, 0, 0);
  handle(SIGUSR1, on_signal, 0);
  handle(SIGUSR2, on_signal, 0);
  sigprocmask(SIG_BLOCK, &both, NULL);
  raise(SIGUSR1);
  raise(SIGUSR2);
  say_result("sigsuspend", sigsuspend(&none));
  say("blocked: USR1 %d, USR2 %d", is_blocked(SIGUSR1), is_blocked(SIGUSR2));
  return 0;
}
