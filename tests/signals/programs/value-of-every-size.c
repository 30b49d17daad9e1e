// sigqueue(3): the value is a whole int.
#include "program.h"

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  say("%d", info->si_value.sival_int);
}

int main(void) {
  static const int values[] = {0, 1, -1, 2147483647, -2147483647 - 1};
  handle_info(SIGRTMAX, on_signal, 0);
  for (int i = 0; i < 5; i++) sigqueue(getpid(), SIGRTMAX, (union sigval){.sival_int = values[i]});
  return 0;
}
