// signal(7): of different real-time signals the one with the lowest number is delivered first.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("RTMIN+%d: value %d", number - SIGRTMIN, info->si_value.sival_int);
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO;
  sigfillset(&action.sa_mask);
  sigset_t set = set_of(SIGRTMIN + 1, SIGRTMIN + 2, SIGRTMIN + 3);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int i = 1; i <= 3; i++) sigaction(SIGRTMIN + i, &action, NULL);
  for (int round = 0; round < 2; round++) {
    for (int i = 3; i >= 1; i--) sigqueue(getpid(), SIGRTMIN + i, (union sigval){.sival_int = round});
  }
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}
