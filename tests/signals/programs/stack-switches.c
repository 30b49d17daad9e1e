// sigaltstack(2), SA_ONSTACK: the handler runs on the alternate stack.
#include "program.h"

static char stack[65536];
static volatile sig_atomic_t inside;

static void on_signal(int number) {
  volatile char here = (char)number;
  inside = (uintptr_t)&here >= (uintptr_t)stack && (uintptr_t)&here < (uintptr_t)stack + sizeof stack;
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  say_result("sigaltstack", sigaltstack(&alternate, NULL));
  handle(SIGUSR1, on_signal, SA_ONSTACK);
  raise(SIGUSR1);
  say("with SA_ONSTACK: %d", (int)inside);
  handle(SIGUSR1, on_signal, 0);
  raise(SIGUSR1);
  say("without: %d", (int)inside);
  return 0;
}
