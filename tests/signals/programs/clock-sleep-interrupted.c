// clock_nanosleep(2): returns the error number itself, and the time left.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct timespec request = milliseconds(5000), rest = {0};
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  say("%s", name_of(clock_nanosleep(CLOCK_MONOTONIC, 0, &request, &rest)));
  say("some was left: %d", rest.tv_sec >= 1 && rest.tv_sec < 5);
  return 0;
}
