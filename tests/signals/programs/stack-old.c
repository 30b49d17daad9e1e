// sigaltstack(2): the former stack is stored in old_ss.
#include "program.h"

static char first[65536], second[70000];

int main(void) {
  stack_t alternate = {.ss_sp = first, .ss_size = sizeof first}, old;
  sigaltstack(&alternate, &old);
  say("none: %d", old.ss_flags == SS_DISABLE);
  alternate = (stack_t){.ss_sp = second, .ss_size = sizeof second};
  sigaltstack(&alternate, &old);
  say("the first: %d, %u bytes", old.ss_sp == first, (unsigned)old.ss_size);
  sigaltstack(NULL, &old);
  say("the second: %d, %u bytes", old.ss_sp == second, (unsigned)old.ss_size);
  return 0;
}
