// siglongjmp(3): a handler may leave a loop for good, and the mask is what it was at sigsetjmp().
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;

static void on_signal(int number) {
  say("blocked in the handler: %d", is_blocked(number));
  siglongjmp(place, 5);
}

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 10, 0);
  int value = sigsetjmp(place, 1);
  if (value == 0) {
    for (;;) {
    }
  }
  say("came with %d, blocked: %d", value, is_blocked(SIGALRM));
  return 0;
}
