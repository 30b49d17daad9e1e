// Linux: signals sent to the thread, as raise() does, are taken before those sent to the process, as kill() does.
#include "program.h"

static void on_signal(int number) { say("USR1 %d, USR2 %d", number == SIGUSR1, number == SIGUSR2); }

int main(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2, 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_mask = set;
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGUSR1);
  raise(SIGUSR2);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}
