// nanosleep(2): EINTR when a handler runs, with the time that was left.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct timespec request = milliseconds(5000), rest = {0};
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("nanosleep", nanosleep(&request, &rest));
  say("some was left: %d", rest.tv_sec >= 1 && rest.tv_sec < 5);
  return 0;
}
