// POSIX 2.4.1: blocking a fault is undefined; on Linux it ends the program all the same, handler or not.
#include "program.h"

static volatile int zero;

static void on_signal(int number) {
  (void)number;
  say("not reached");
}

int main(void) {
  handle(SIGFPE, on_signal, 0);
  block(SIGFPE);
  say("blocked");
  say("%d", 1000 / zero);
  return 0;
}
