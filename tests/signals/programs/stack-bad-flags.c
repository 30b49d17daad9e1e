// sigaltstack(2): EINVAL for unknown flags; SS_ONSTACK is taken by Linux as if it were 0.
#include "program.h"

static char stack[65536];

int main(void) {
  stack_t odd = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 0x40};
  say_result("0x40", sigaltstack(&odd, NULL));
  odd.ss_flags = SS_ONSTACK;
  say_result("SS_ONSTACK", sigaltstack(&odd, NULL));
  sigaltstack(NULL, &odd);
  say("flags %d", odd.ss_flags);
  return 0;
}
