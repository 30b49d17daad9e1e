// nanosleep(2): a sleep that was interrupted ends when the handler, which sleeps itself, has ended.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  sleep_ms(50);
}

int main(void) {
  struct timespec request = milliseconds(5000), rest;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 100, 100);
  long long before = now_ms();
  say_result("nanosleep", nanosleep(&request, &rest));
  long long passed = now_ms() - before;
  say("after the handler: %d, long before its time: %d", passed >= 49, passed < 4000);
  return 0;
}
