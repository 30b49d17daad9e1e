// POSIX 2.4.3: a handler in the middle of a recursion leaves all its frames alone.
#include "program.h"

static volatile sig_atomic_t ticks;

static int depth_of(int n) { return n == 0 ? 0 : 1 + depth_of(n - 1); }

static void on_signal(int number) {
  (void)number;
  if (depth_of(20) == 20) ticks++;
}

static int ackermann(int m, int n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

int main(void) {
  int wrong = 0;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 10) wrong += ackermann(2, 40) != 83;
  say("wrong %d times", wrong);
  return 0;
}
