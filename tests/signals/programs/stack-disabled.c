// sigaltstack(2), SS_DISABLE: there is no alternate stack any more; SA_ONSTACK then means the ordinary one.
#include "program.h"

static char stack[65536];
static volatile sig_atomic_t inside;

static void on_signal(int number) {
  volatile char here = (char)number;
  inside = (uintptr_t)&here >= (uintptr_t)stack && (uintptr_t)&here < (uintptr_t)stack + sizeof stack;
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack}, none = {.ss_flags = SS_DISABLE}, now;
  sigaltstack(&alternate, NULL);
  handle(SIGUSR1, on_signal, SA_ONSTACK);
  raise(SIGUSR1);
  say("alternate: %d", (int)inside);
  say_result("disable", sigaltstack(&none, NULL));
  raise(SIGUSR1);
  say("alternate: %d", (int)inside);
  sigaltstack(NULL, &now);
  say("disabled: %d", now.ss_flags == SS_DISABLE);
  return 0;
}
