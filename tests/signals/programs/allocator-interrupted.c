// signal-safety(7): malloc() and free() are not for handlers; that handlers interrupt them does them no harm.
#include "program.h"

static volatile sig_atomic_t ticks;

static void on_signal(int number) { (void)number, ticks++; }

int main(void) {
  int wrong = 0;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 15) {
    unsigned char *blocks[40];
    for (int i = 0; i < 40; i++) {
      blocks[i] = malloc((size_t)(i * 37 % 500 + 1));
      memset(blocks[i], i, (size_t)(i * 37 % 500 + 1));
    }
    for (int i = 0; i < 40; i++) {
      wrong += blocks[i][i * 37 % 500] != i;
      free(blocks[i]);
    }
  }
  say("wrong %d times", wrong);
  return 0;
}
