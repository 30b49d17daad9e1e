// POSIX 2.4.3: floating-point values in the interrupted computation stay, though the handler computes with some too.
#include "program.h"

static volatile sig_atomic_t ticks;
static volatile double handlers_own = 1.5;

static void on_signal(int number) {
  (void)number;
  handlers_own = handlers_own * 1.25 - 0.125 / handlers_own;
  ticks++;
}

static double compute(void) {
  double x = 0.5, y = 0.25, z = 1;
  for (int i = 1; i < 5000; i++) {
    x = x * 0.999 + y / i;
    y = y * 1.0001 - x * z * 0.001;
    z = z * 0.9999 + 0.5 / (1 + x * x);
  }
  return x + y + z;
}

int main(void) {
  volatile double expected = compute();
  int wrong = 0;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 20) wrong += compute() != expected;
  say("wrong %d times", wrong);
  return 0;
}
