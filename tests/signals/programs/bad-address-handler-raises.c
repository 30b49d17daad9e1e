// signal(7): a handler that resets the action and raises the signal again ends the program by it: the usual crash handler.
#include "program.h"

static void on_signal(int number) {
  say("cleaning up");
  handle(number, SIG_DFL, 0);
  raise(number);
}

int main(void) {
  handle(SIGSEGV, on_signal, 0);
  volatile char *nowhere = (volatile char *)(uintptr_t)0xfffffff0u;
  *nowhere = 1;
  say("not reached");
  return 0;
}
