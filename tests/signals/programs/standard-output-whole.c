// signal(7): standard I/O of the interrupted code goes on where it was.
#include "program.h"

static volatile sig_atomic_t ticks;

static void on_signal(int number) { (void)number, ticks++; }

int main(void) {
  handle(SIGALRM, on_signal, SA_RESTART);
  start_itimer(ITIMER_REAL, 1, 1);
  for (int i = 0; i < 12; i++) {
    int before = ticks;
    while (ticks == before) {
    }
    printf("line %d of %s, %.3f\n", i, "twelve", i / 8.0);
  }
  fflush(stdout);
  start_itimer(ITIMER_REAL, 0, 0);
  return 0;
}
