// POSIX 2.4.3: ignoring a fault is undefined; on Linux it ends the program all the same.
#include "program.h"

static volatile int zero;

int main(void) {
  handle(SIGFPE, SIG_IGN, 0);
  raise(SIGFPE);
  say("raise() was ignored");
  say("%d", 1000 / zero);
  return 0;
}
