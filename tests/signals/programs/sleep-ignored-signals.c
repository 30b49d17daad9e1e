// nanosleep(2): signals that are ignored or blocked do not end the sleep.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  struct timespec request = milliseconds(60);
  handle(SIGUSR1, SIG_IGN, 0);
  handle(SIGUSR2, on_signal, 0);
  block(SIGUSR2);
  start_timer(new_timer(SIGUSR1, 0), 5, 5);
  start_timer(new_timer(SIGUSR2, 0), 5, 5);
  start_timer(new_timer(SIGCHLD, 0), 5, 5);
  long long before = now_ms();
  say_result("nanosleep", nanosleep(&request, NULL));
  say("60 ms: %d", now_ms() - before >= 59);
  return 0;
}
