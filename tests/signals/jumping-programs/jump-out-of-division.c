// siglongjmp(3): the way to go on after a fault.
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;
static volatile int zero;

static void on_signal(int number) {
  (void)number;
  siglongjmp(place, 1);
}

int main(void) {
  handle(SIGFPE, on_signal, 0);
  if (sigsetjmp(place, 1) == 0) say("%d", 1000 / zero);
  else say("divided by zero");
  return 0;
}
