// siglongjmp(3): signals that the restored mask unblocks are delivered.
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;
static volatile sig_atomic_t rounds;

static void on_signal(int number) {
  say("round %d", (int)++rounds);
  if (rounds < 3) raise(number);
  siglongjmp(place, 1);
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  if (sigsetjmp(place, 1) == 0) raise(SIGUSR1);
  say("after %d rounds, pending %d", (int)rounds, is_pending(SIGUSR1));
  return 0;
}
