// pause(2): waits for a handler and returns -1 with EINTR.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("pause", pause());
  say("handled: %d", count > 0);
  return 0;
}
