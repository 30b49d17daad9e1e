// signal-safety(7): qsort() and its comparisons go on after each handler.
#include "program.h"

static volatile sig_atomic_t ticks;
static int cells[300];

static void on_signal(int number) { (void)number, ticks++; }

static int compare(const void *left, const void *right) {
  int a = *(const int *)left, b = *(const int *)right;
  return (a > b) - (a < b);
}

int main(void) {
  int wrong = 0;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 15) {
    for (int i = 0; i < 300; i++) cells[i] = i * 7919 % 1009;
    qsort(cells, 300, sizeof cells[0], compare);
    for (int i = 1; i < 300; i++) wrong += cells[i - 1] > cells[i];
  }
  say("wrong %d times", wrong);
  return 0;
}
