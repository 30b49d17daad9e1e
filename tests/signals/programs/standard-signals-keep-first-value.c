// signal(7), sigqueue(3): of coalesced standard signals the first one's information is kept.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("SI_QUEUE %d, value %d", info->si_code == SI_QUEUE, info->si_value.sival_int);
}

int main(void) {
  handle_info(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  for (int i = 1; i <= 3; i++) {
    say_result("sigqueue", sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = i}));
  }
  kill(getpid(), SIGUSR1);
  unblock(SIGUSR1);
  return 0;
}
