// POSIX 2.4.3: calls through pointers go on where they were.
#include "program.h"

static volatile sig_atomic_t ticks;

static void on_signal(int number) { (void)number, ticks++; }

static uint64_t twice(uint64_t x) { return x * 2 + 1; }
static uint64_t mixed(uint64_t x) { return (x ^ x >> 13) * 0x9e3779b97f4a7c15u; }
static uint64_t turned(uint64_t x) { return x << 17 | x >> 47; }

typedef uint64_t (*step_t)(uint64_t);

static const volatile step_t steps[3] = {twice, mixed, turned};

static uint64_t compute(void) {
  uint64_t x = 1;
  for (int i = 0; i < 5000; i++) x = steps[(i + x) % 3](x);
  return x;
}

int main(void) {
  uint64_t expected = compute();
  int wrong = 0;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 1, 1);
  while (ticks < 15) wrong += compute() != expected;
  say("%016llx, wrong %d times", (unsigned long long)expected, wrong);
  return 0;
}
