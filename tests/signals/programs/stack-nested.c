// sigaltstack(2): a handler that interrupts one on the alternate stack goes on below it on the same stack.
#include "program.h"

static char stack[65536];
static volatile uintptr_t outer, inner;

static void on_inner(int number) {
  volatile char here = (char)number;
  inner = (uintptr_t)&here;
}

static void on_outer(int number) {
  volatile char here = (char)number;
  outer = (uintptr_t)&here;
  raise(SIGUSR2);
  say("undisturbed: %d", here == number);
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGUSR1, on_outer, SA_ONSTACK);
  handle(SIGUSR2, on_inner, SA_ONSTACK);
  raise(SIGUSR1);
  say("below: %d, both inside: %d", inner < outer,
      inner >= (uintptr_t)stack && outer < (uintptr_t)stack + sizeof stack);
  return 0;
}
