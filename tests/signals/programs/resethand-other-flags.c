// Linux: SA_RESETHAND leaves the flags and the mask of the action as they were.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)info, (void)context;
  struct sigaction now;
  sigaction(number, NULL, &now);
  say("default %d, RESETHAND %d, SIGINFO %d, RESTART %d, TERM in the mask %d", now.sa_handler == SIG_DFL,
      (now.sa_flags & (int)SA_RESETHAND) != 0, (now.sa_flags & SA_SIGINFO) != 0, (now.sa_flags & SA_RESTART) != 0,
      sigismember(&now.sa_mask, SIGTERM));
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_signal;
  action.sa_flags = (int)SA_RESETHAND | SA_SIGINFO | SA_RESTART;
  action.sa_mask = set_of(SIGTERM, 0, 0);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  return 0;
}
