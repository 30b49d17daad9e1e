// POSIX 2.4.3: arrays on the stack of the interrupted function, a leaf's red zone included, stay as they are.
#include "program.h"

static volatile sig_atomic_t ticks;

static void on_signal(int number) {
  volatile uint8_t scratch[600];
  for (unsigned i = 0; i < sizeof scratch; i++) scratch[i] = (uint8_t)(0xa5 + number);
  ticks++;
}

__attribute__((noinline)) static unsigned leaf(unsigned seed) {
  volatile unsigned cells[12];
  for (unsigned i = 0; i < 12; i++) cells[i] = seed + i;
  for (int round = 0; round < 400; round++) {
    for (unsigned i = 0; i < 12; i++) cells[i] = cells[i] * 3 + cells[(i + 5) % 12];
  }
  unsigned sum = 0;
  for (unsigned i = 0; i < 12; i++) sum ^= cells[i];
  return sum;
}

int main(void) {
  unsigned expected = leaf(7);
  int wrong = 0;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 20) wrong += leaf(7) != expected;
  say("%08x, wrong %d times", expected, wrong);
  return 0;
}
