// siglongjmp(3): a thousand jumps out of handlers leave nothing behind.
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;
static volatile int count;

static void on_signal(int number) {
  (void)number;
  count++;
  siglongjmp(place, 1);
}

int main(void) {
  volatile int local = 17;
  handle(SIGUSR1, on_signal, 0);
  sigsetjmp(place, 1);
  if (count < 1000) raise(SIGUSR1);
  say("%d jumps, local %d, blocked %d", count, local, is_blocked(SIGUSR1));
  return 0;
}
