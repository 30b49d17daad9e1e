// sigsuspend(2): a signal that is pending and unblocked by the mask is delivered at once.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  sigset_t none;
  sigemptyset(&none);
  handle(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  raise(SIGUSR1);
  say_result("sigsuspend", sigsuspend(&none));
  say("handled %d, pending %d, blocked %d", (int)count, is_pending(SIGUSR1), is_blocked(SIGUSR1));
  return 0;
}
