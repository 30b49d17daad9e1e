// signal(7): poll() ends with EINTR when a handler runs, also under SA_RESTART.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("poll", poll(&input, 1, 5000));
  handle(SIGALRM, on_signal, SA_RESTART);
  say_result("poll", poll(&input, 1, 5000));
  say_result("poll without end", poll(&input, 1, -1));
  return 0;
}
