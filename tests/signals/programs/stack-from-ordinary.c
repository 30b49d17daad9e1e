// sigaltstack(2): a handler with SA_ONSTACK that interrupts one on the ordinary stack switches.
#include "program.h"

static char stack[65536];

static int inside(const volatile char *here) {
  return (uintptr_t)here >= (uintptr_t)stack && (uintptr_t)here < (uintptr_t)stack + sizeof stack;
}

static void on_inner(int number) {
  volatile char here = (char)number;
  say("inner on the alternate stack: %d", inside(&here));
}

static void on_outer(int number) {
  volatile char here = (char)number;
  raise(SIGUSR2);
  say("outer on the alternate stack: %d", inside(&here));
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGUSR1, on_outer, 0);
  handle(SIGUSR2, on_inner, SA_ONSTACK);
  raise(SIGUSR1);
  return 0;
}
