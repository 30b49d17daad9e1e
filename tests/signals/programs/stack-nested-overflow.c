// Linux: a handler for which nothing is left of the alternate stack that it is to run on ends the program by SIGSEGV.
#include "program.h"

/** What signal frames of the processor take at least; on Wasm, a handler of the signal alone keeps clear of the red zone. */
enum { LEFT = sizeof(void *) == 8 ? 900 : 140 };

static char stack[65536];

static void on_inner(int number) { (void)number; }

__attribute__((noinline)) static void use_up(void) {
  volatile char frame[32];
  frame[0] = 1;
  if ((uintptr_t)frame - (uintptr_t)stack > LEFT) use_up();
  else raise(SIGUSR2);
  frame[1] = 1;
}

static void on_outer(int number) {
  (void)number;
  use_up();
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGUSR1, on_outer, SA_ONSTACK);
  handle(SIGUSR2, on_inner, 0);
  say("before");
  raise(SIGUSR1);
  say("after");
  return 0;
}
