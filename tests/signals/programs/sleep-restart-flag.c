// signal(7): nanosleep() ends with EINTR also under SA_RESTART.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct timespec request = milliseconds(5000), rest = {0};
  handle(SIGALRM, on_signal, SA_RESTART);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("nanosleep", nanosleep(&request, &rest));
  say("some was left: %d", rest.tv_sec >= 1);
  return 0;
}
