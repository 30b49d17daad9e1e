// nanosleep(2): rem may be NULL.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct timespec request = milliseconds(5000);
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("nanosleep", nanosleep(&request, NULL));
  return 0;
}
