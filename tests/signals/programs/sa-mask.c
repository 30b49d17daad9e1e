// sigaction(2), sa_mask: the signals in it are blocked while the handler runs, and the former mask comes back after it.
#include "program.h"

static void on_second(int number) {
  (void)number;
  say("second");
}

static void on_first(int number) {
  (void)number;
  say("first begins, blocked: %d", is_blocked(SIGUSR2));
  raise(SIGUSR2);
  say("first ends");
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_first;
  action.sa_mask = set_of(SIGUSR2, 0, 0);
  sigaction(SIGUSR1, &action, NULL);
  handle(SIGUSR2, on_second, 0);
  raise(SIGUSR1);
  say("blocked afterwards: %d", is_blocked(SIGUSR2));
  return 0;
}
