// sigaltstack(2): its main use: SIGSEGV by an overflow of the ordinary stack is handled on the alternate one.
#include "program.h"

static char stack[65536];
static volatile int bottomless = 1;

static void on_signal(int number) {
  say("SIGSEGV: %d", number == SIGSEGV);
  _exit(3);
}

__attribute__((noinline)) static int deeper(int depth) {
  volatile char frame[4096];
  frame[depth % 4096] = (char)depth;
  if (bottomless) depth += deeper(depth + 1);
  return depth + frame[depth % 4096];
}

int main(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGSEGV, on_signal, SA_ONSTACK);
  say("%d", deeper(0));
  return 0;
}
