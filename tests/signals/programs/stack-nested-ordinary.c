// Linux: a handler without SA_ONSTACK that interrupts one on the alternate stack stays on that stack.
#include "program.h"

static char stack[65536];
static volatile sig_atomic_t inside;

static void on_inner(int number) {
  volatile char here = (char)number;
  inside = (uintptr_t)&here >= (uintptr_t)stack && (uintptr_t)&here < (uintptr_t)stack + sizeof stack;
}

static void on_outer(int number) {
  (void)number;
  raise(SIGUSR2);
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGUSR1, on_outer, SA_ONSTACK);
  handle(SIGUSR2, on_inner, 0);
  raise(SIGUSR1);
  say("on the alternate stack: %d", (int)inside);
  return 0;
}
