// sigaction(2): the third argument holds the mask of what was interrupted, which comes back when the handler returns.
#include "program.h"
#include <ucontext.h>

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)info;
  const ucontext_t *interrupted = context;
  say("in the handler: itself %d", is_blocked(number));
  say("interrupted: itself %d, HUP %d, TERM %d", sigismember(&interrupted->uc_sigmask, number),
      sigismember(&interrupted->uc_sigmask, SIGHUP), sigismember(&interrupted->uc_sigmask, SIGTERM));
}

int main(void) {
  handle_info(SIGUSR1, on_signal, 0);
  block(SIGHUP);
  raise(SIGUSR1);
  return 0;
}
