// usleep(3): EINTR when a handler runs.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  handle(SIGALRM, on_signal, SA_RESTART);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("usleep", usleep(900000));
  return 0;
}
