// sigaction(2), ucontext_t: uc_stack names the alternate stack.
#include "program.h"
#include <ucontext.h>

static char stack[65536];

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)info;
  const ucontext_t *interrupted = context;
  say("the stack: %d, %u bytes", interrupted->uc_stack.ss_sp == stack, (unsigned)interrupted->uc_stack.ss_size);
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle_info(SIGUSR1, on_signal, SA_ONSTACK);
  raise(SIGUSR1);
  return 0;
}
