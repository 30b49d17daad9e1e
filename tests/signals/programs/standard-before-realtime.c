// signal(7): POSIX leaves it open; Linux delivers standard signals before real-time signals.
#include "program.h"

static void on_signal(int number) { say("real-time: %d", number >= SIGRTMIN); }

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigfillset(&action.sa_mask);
  sigset_t set = set_of(SIGRTMIN, SIGPWR, 0);
  sigaction(SIGRTMIN, &action, NULL);
  sigaction(SIGPWR, &action, NULL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGRTMIN);
  raise(SIGPWR);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}
