// sigaltstack(2): ENOMEM for a stack smaller than MINSIGSTKSZ.
#include "program.h"

static char stack[65536];

int main(void) {
  stack_t tiny = {.ss_sp = stack, .ss_size = 64}, now;
  say_result("64 bytes", sigaltstack(&tiny, NULL));
  sigaltstack(NULL, &now);
  say("still none: %d", now.ss_flags == SS_DISABLE);
  stack_t least = {.ss_sp = stack, .ss_size = MINSIGSTKSZ};
  say_result("MINSIGSTKSZ", sigaltstack(&least, NULL));
  return 0;
}
