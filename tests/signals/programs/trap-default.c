// signal(7): without a handler SIGILL ends the program.
#include "program.h"

int main(void) {
  say("before");
  __builtin_trap();
}
