// sigaction(2): SIGKILL in sa_mask is silently left out, and so ends the program even in a handler that blocks everything.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("SIGKILL blocked: %d, SIGTERM blocked: %d", is_blocked(SIGKILL), is_blocked(SIGTERM));
  raise(SIGKILL);
  say("not reached");
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigfillset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  return 0;
}
