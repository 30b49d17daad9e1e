// Linux: all signals that a call of sigprocmask() unblocks are delivered before it returns.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2, SIGRTMIN);
  handle(SIGUSR1, on_signal, 0);
  handle(SIGUSR2, on_signal, 0);
  handle(SIGRTMIN, on_signal, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  raise(SIGUSR2);
  for (int i = 0; i < 3; i++) raise(SIGRTMIN);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  say("handled %d", (int)count);
  return 0;
}
