// sigaction(2), siginfo_t: si_signo, and who sent it; raise() is a signal to the thread, SI_TKILL.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  say("same number: %d", info->si_signo == number);
  say("SI_TKILL: %d, from itself: %d", info->si_code == SI_TKILL, info->si_pid == getpid());
  say("context: %d", context != NULL);
}

int main(void) {
  handle_info(SIGUSR1, on_signal, 0);
  raise(SIGUSR1);
  return 0;
}
