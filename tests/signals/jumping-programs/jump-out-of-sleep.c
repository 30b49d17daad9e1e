// siglongjmp(3): out of a sleep, as timeouts were done before there was ppoll().
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;

static void on_signal(int number) {
  (void)number;
  siglongjmp(place, 1);
}

int main(void) {
  handle(SIGALRM, on_signal, 0);
  long long before = now_ms();
  if (sigsetjmp(place, 1) == 0) {
    start_itimer(ITIMER_REAL, 20, 0);
    sleep_ms(5000);
    say("not reached");
  }
  say("in time: %d", now_ms() - before < 4000);
  return 0;
}
