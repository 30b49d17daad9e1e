// sigaltstack(2): so does a handler that interrupts a loop.
#include "program.h"

static char stack[65536];
static volatile sig_atomic_t inside;

static void on_signal(int number) {
  volatile char here = (char)number;
  inside = (uintptr_t)&here >= (uintptr_t)stack && (uintptr_t)&here < (uintptr_t)stack + sizeof stack ? 1 : -1;
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGALRM, on_signal, SA_ONSTACK);
  start_itimer(ITIMER_REAL, 10, 0);
  while (!inside) {
  }
  say("on the alternate stack: %d", (int)inside);
  return 0;
}
