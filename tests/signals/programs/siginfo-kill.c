// sigaction(2), siginfo_t: kill() gives SI_USER, with si_pid and si_uid.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("same number: %d", info->si_signo == number);
  say("SI_USER: %d, from itself: %d", info->si_code == SI_USER, info->si_pid == getpid());
  say("errno %d", info->si_errno);
}

int main(void) {
  handle_info(SIGUSR2, on_signal, 0);
  say_result("kill", kill(getpid(), SIGUSR2));
  return 0;
}
