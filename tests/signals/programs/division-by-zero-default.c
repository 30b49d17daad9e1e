// signal(7): without a handler SIGFPE ends the program.
#include "program.h"

static volatile int zero;

int main(void) {
  say("before");
  say("%d", 1000 / zero);
  return 0;
}
