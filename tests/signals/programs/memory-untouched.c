// signal-safety(7): what only the interrupted code uses is safe: sorting goes on after each handler as if nothing were.
#include "program.h"

static volatile sig_atomic_t ticks;
static unsigned cells[500];

static void on_signal(int number) { (void)number, ticks++; }

static unsigned shuffle_and_sort(void) {
  unsigned x = 12345;
  for (int i = 0; i < 500; i++) cells[i] = x = x * 1103515245 + 12345;
  for (int i = 1; i < 500; i++) {
    unsigned one = cells[i];
    int place = i;
    for (; place > 0 && cells[place - 1] > one; place--) cells[place] = cells[place - 1];
    cells[place] = one;
  }
  unsigned sum = 0;
  for (int i = 0; i < 500; i++) sum = sum * 31 + cells[i];
  return sum;
}

int main(void) {
  unsigned expected = shuffle_and_sort();
  int wrong = 0;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 20) wrong += shuffle_and_sort() != expected;
  say("%08x, wrong %d times", expected, wrong);
  return 0;
}
