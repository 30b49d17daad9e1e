// kill(2): process 0 is the sender's own group.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("SI_USER %d, from itself %d", info->si_code == SI_USER, info->si_pid == getpid());
}

int main(void) {
  handle_info(SIGUSR1, on_signal, 0);
  say_result("kill", kill(0, SIGUSR1));
  return 0;
}
