// signal(7): an overflow of the stack ends the program by SIGSEGV.
#include "program.h"

static volatile int bottomless = 1;

__attribute__((noinline)) static int deeper(int depth) {
  volatile char frame[4096];
  frame[depth % 4096] = (char)depth;
  if (bottomless) depth += deeper(depth + 1);
  return depth + frame[depth % 4096];
}

int main(void) {
  say("before");
  say("%d", deeper(0));
  return 0;
}
