// siginterrupt(3): takes SA_RESTART away, or gives it.
#include "program.h"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static void on_signal(int number) { (void)number; }

static int restarts(void) {
  struct sigaction now;
  sigaction(SIGALRM, NULL, &now);
  return (now.sa_flags & SA_RESTART) != 0;
}

int main(void) {
  char byte;
  signal(SIGALRM, on_signal);
  say("restarts: %d", restarts());
  say_result("siginterrupt", siginterrupt(SIGALRM, 1));
  say("restarts: %d", restarts());
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("read", (int)read(0, &byte, 1));
  say_result("siginterrupt", siginterrupt(SIGALRM, 0));
  say("restarts: %d", restarts());
  return 0;
}
