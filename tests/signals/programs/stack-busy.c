// sigaltstack(2): EPERM for an attempt to change the stack that a handler is running on; asking is allowed.
#include "program.h"

static char stack[65536];

static void on_signal(int number) {
  (void)number;
  stack_t other = {.ss_sp = stack, .ss_size = sizeof stack}, none = {.ss_flags = SS_DISABLE}, now;
  say_result("change", sigaltstack(&other, NULL));
  say_result("disable", sigaltstack(&none, NULL));
  say_result("ask", sigaltstack(NULL, &now));
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGUSR1, on_signal, SA_ONSTACK);
  raise(SIGUSR1);
  say_result("change afterwards", sigaltstack(&alternate, NULL));
  return 0;
}
