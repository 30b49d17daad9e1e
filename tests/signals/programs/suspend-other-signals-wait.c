// sigsuspend(2): signals in its mask do not end the wait; they stay pending.
#include "program.h"

static void on_signal(int number) { say("USR1 %d, USR2 %d", number == SIGUSR1, number == SIGUSR2); }

int main(void) {
  sigset_t mask = set_of(SIGUSR1, 0, 0);
  handle(SIGUSR1, on_signal, 0);
  handle(SIGUSR2, on_signal, 0);
  block(SIGUSR2);
  start_timer(new_timer(SIGUSR1, 0), 10, 0);
  start_timer(new_timer(SIGUSR2, 0), 60, 0);
  block(SIGUSR1);
  sigsuspend(&mask);
  say("pending: USR1 %d", is_pending(SIGUSR1));
  unblock(SIGUSR1);
  return 0;
}
