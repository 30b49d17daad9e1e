// sigaltstack(2): in a handler that runs on the ordinary stack the alternate one may be changed.
#include "program.h"

static char stack[65536];

static void on_signal(int number) {
  (void)number;
  stack_t none = {.ss_flags = SS_DISABLE};
  say_result("disable", sigaltstack(&none, NULL));
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGUSR1, on_signal, 0);
  raise(SIGUSR1);
  return 0;
}
