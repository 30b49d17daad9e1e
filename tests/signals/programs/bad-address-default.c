// signal(7): without a handler SIGSEGV ends the program.
#include "program.h"

int main(void) {
  volatile char *nowhere = (volatile char *)(uintptr_t)0xfffffff0u;
  say("before");
  *nowhere = 1;
  say("not reached");
  return 0;
}
