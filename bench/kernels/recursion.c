// build: clang -O2 -nostdlib -Wl,--no-entry
// Recursive functions with almost no body: Fibonacci, Ackermann and Peter, Takeuchi.
// Character: nothing but calls, the worst case for checks at function entries. n: argument of Fibonacci.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

static __attribute__((noinline)) uint32_t fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static __attribute__((noinline)) uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static __attribute__((noinline)) int32_t takeuchi(int32_t x, int32_t y, int32_t z) {
  if (y >= x) return z;
  return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  if (fibonacci(20) != 6765) return 1;
  if (ackermann(2, 3) != 9 || ackermann(3, 3) != 61) return 2;
  if (takeuchi(12, 8, 4) != 5) return 3;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  return (int32_t)(fibonacci((uint32_t)n) + ackermann(3, (uint32_t)n / 5) + (uint32_t)takeuchi(n / 2, n / 4, 0));
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
