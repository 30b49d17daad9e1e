// sigqueue(3): SI_QUEUE, with the value; a standard signal carries it as well as a real-time signal.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("same number: %d", info->si_signo == number);
  say("SI_QUEUE: %d, from itself: %d, value %d", info->si_code == SI_QUEUE, info->si_pid == getpid(),
      info->si_value.sival_int);
}

int main(void) {
  handle_info(SIGUSR1, on_signal, 0);
  handle_info(SIGRTMIN, on_signal, 0);
  say_result("sigqueue", sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 42}));
  say_result("sigqueue", sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = -7}));
  return 0;
}
