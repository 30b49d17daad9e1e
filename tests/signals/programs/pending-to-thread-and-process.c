// Linux: one standard signal can be pending twice, once for the thread and once for the process.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("%d: SI_TKILL %d, SI_USER %d", (int)++count, info->si_code == SI_TKILL, info->si_code == SI_USER);
}

int main(void) {
  handle_info(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  kill(getpid(), SIGUSR1);
  raise(SIGUSR1);
  kill(getpid(), SIGUSR1);
  raise(SIGUSR1);
  unblock(SIGUSR1);
  return 0;
}
