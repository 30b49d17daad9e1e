// Linux: a handler may change uc_sigmask of its third argument; that is the mask after it returns.
#include "program.h"
#include <ucontext.h>

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)info;
  ucontext_t *interrupted = context;
  sigaddset(&interrupted->uc_sigmask, SIGTERM);
  sigdelset(&interrupted->uc_sigmask, SIGHUP);
}

int main(void) {
  handle_info(SIGUSR1, on_signal, 0);
  block(SIGHUP);
  raise(SIGUSR1);
  say("TERM %d, HUP %d", is_blocked(SIGTERM), is_blocked(SIGHUP));
  return 0;
}
