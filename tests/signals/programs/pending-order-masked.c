// Linux: where each handler's sa_mask holds the others, they run one after another, the lowest number first.
#include "program.h"

static void on_signal(int number) { say("USR1 %d, USR2 %d, TERM %d", number == SIGUSR1, number == SIGUSR2, number == SIGTERM); }

int main(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2, SIGTERM);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_mask = set;
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGTERM);
  raise(SIGUSR2);
  raise(SIGUSR1);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}
