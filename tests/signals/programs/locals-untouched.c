// POSIX 2.4.3: the interrupted computation does not notice: the same sum comes out, however often it is interrupted.
#include "program.h"

static volatile sig_atomic_t ticks;

static void on_signal(int number) { (void)number, ticks++; }

static uint32_t compute(void) {
  uint32_t a = 1, b = 2, c = 3, d = 4, e = 5;
  for (int i = 0; i < 20000; i++) {
    a = a * 1664525 + 1013904223;
    b ^= a >> 7, c += b * 31, d = (d << 5 | d >> 27) ^ c, e += d ^ a;
  }
  return a ^ b ^ c ^ d ^ e;
}

int main(void) {
  uint32_t expected = compute();
  int wrong = 0;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 20) wrong += compute() != expected;
  say("%08x, wrong %d times", (unsigned)expected, wrong);
  return 0;
}
