// POSIX 2.4.3: a whole queue of a real-time signal is discarded by SIG_IGN, and other signals stay pending.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("%d: value %d", number - SIGRTMIN, info->si_value.sival_int);
}

int main(void) {
  for (int i = 0; i < 2; i++) {
    block(SIGRTMIN + i);
    handle_info(SIGRTMIN + i, on_signal, 0);
  }
  for (int i = 0; i < 4; i++) {
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i});
  }
  handle(SIGRTMIN, SIG_IGN, 0);
  handle_info(SIGRTMIN, on_signal, 0);
  unblock(SIGRTMIN);
  say("between");
  unblock(SIGRTMIN + 1);
  return 0;
}
