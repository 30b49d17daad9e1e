// signal(7): real-time signals queue, with their values, and are delivered in the order they were sent.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("value %d", info->si_value.sival_int);
}

int main(void) {
  handle_info(SIGRTMIN, on_signal, 0);
  block(SIGRTMIN);
  for (int i = 1; i <= 5; i++) sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i * i});
  unblock(SIGRTMIN);
  say("all came before this");
  return 0;
}
