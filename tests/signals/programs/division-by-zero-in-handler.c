// POSIX 2.4.1: a fault in its own handler, where its signal is blocked, ends the program.
#include "program.h"

static volatile int zero;

static void on_signal(int number) {
  (void)number;
  say("handler");
  say("%d", 1000 / zero);
}

int main(void) {
  handle(SIGFPE, on_signal, 0);
  raise(SIGFPE);
  say("not reached");
  return 0;
}
