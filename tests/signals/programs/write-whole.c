// write(2): output that never waits is written whole, however many signals come.
#include "program.h"

static volatile sig_atomic_t ticks;

static void on_signal(int number) { (void)number, ticks++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  int lines = 0, whole = 0;
  while (ticks < 20) {
    if (ticks >= lines * 2) {
      whole += write(1, "a line of text\n", 15) == 15;
      lines++;
    }
    if (lines == 10) break;
  }
  say("%d lines, whole: %d", lines, whole);
  return 0;
}
