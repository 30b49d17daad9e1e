// Linux: without sa_mask the handlers of different real-time signals interrupt each other; each queue stays in order.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("RTMIN+%d: value %d", number - SIGRTMIN, info->si_value.sival_int);
}

int main(void) {
  sigset_t set = set_of(SIGRTMIN, SIGRTMIN + 1, 0);
  handle_info(SIGRTMIN, on_signal, 0);
  handle_info(SIGRTMIN + 1, on_signal, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int i = 1; i <= 3; i++) {
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i});
  }
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}
