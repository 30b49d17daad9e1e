// sigaction(2), SA_RESETHAND: a handler that returns from a fault meets it again, now with the default action.
#include "program.h"

static void on_signal(int number) { say("SIGSEGV: %d", number == SIGSEGV); }

int main(void) {
  handle(SIGSEGV, on_signal, (int)SA_RESETHAND);
  volatile char *nowhere = (volatile char *)(uintptr_t)0xfffffff0u;
  *nowhere = 1;
  say("not reached");
  return 0;
}
