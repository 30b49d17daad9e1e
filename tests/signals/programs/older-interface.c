// sigset(3): sighold, sigrelse, sigignore, sigset and sigpause of System V.
#include "program.h"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static void on_signal(int number) { say("USR1: %d, blocked: %d", number == SIGUSR1, is_blocked(number)); }

int main(void) {
  say("default before: %d", sigset(SIGUSR1, on_signal) == SIG_DFL);
  raise(SIGUSR1);
  say_result("sighold", sighold(SIGUSR1));
  raise(SIGUSR1);
  say("blocked: %d, pending: %d", is_blocked(SIGUSR1), is_pending(SIGUSR1));
  say_result("sigrelse", sigrelse(SIGUSR1));
  say_result("sighold", sighold(SIGUSR1));
  raise(SIGUSR1);
  say("held before: %d", sigset(SIGUSR1, on_signal) == SIG_HOLD);
  say_result("sigignore", sigignore(SIGUSR1));
  raise(SIGUSR1);
  say("ignored before: %d", sigset(SIGUSR1, SIG_DFL) == SIG_IGN);
  return 0;
}
