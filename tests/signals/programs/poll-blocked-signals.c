// poll(2): a blocked signal does not end it; its time passes.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  handle(SIGALRM, on_signal, 0);
  block(SIGALRM);
  start_itimer(ITIMER_REAL, 5, 5);
  say_result("poll", poll(&input, 1, 40));
  say("pending: %d", is_pending(SIGALRM));
  return 0;
}
