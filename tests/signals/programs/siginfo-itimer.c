// setitimer(2), sigaction(2): the signal of an interval timer comes from the kernel, SI_KERNEL.
#include "program.h"

static volatile sig_atomic_t done;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("SIGALRM: %d %d, SI_KERNEL: %d", number == SIGALRM, info->si_signo == SIGALRM, info->si_code == SI_KERNEL);
  done = 1;
}

int main(void) {
  handle_info(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 10, 0);
  while (!done) {
  }
  return 0;
}
