// poll(2): with no descriptors it is a sleep, which a handler ends.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  say_result("whole", poll(NULL, 0, 10));
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("interrupted", poll(NULL, 0, 5000));
  return 0;
}
