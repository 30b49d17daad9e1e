// build: clang -O2 -nostdlib -Wl,--no-entry
// Integer matrix product, transpose and power, 32-bit wrap-around arithmetic, the textbook triple loop.
// Character: nested counted loops, row and column strides. n: products of 48 by 48 matrices.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIDE = 48 };
typedef int32_t matrix[SIDE][SIDE];
static matrix a, b, c;

static void multiply(matrix to, matrix x, matrix y, int side) {
  for (int i = 0; i < side; i++) {
    for (int j = 0; j < side; j++) {
      int32_t sum = 0;
      for (int k = 0; k < side; k++) sum = (int32_t)((uint32_t)sum + (uint32_t)x[i][k] * (uint32_t)y[k][j]);
      to[i][j] = sum;
    }
  }
}

// 0, or the number of the first known answer that is missed: powers of {1,1;1,0} are Fibonacci numbers.
EXPORT(selftest) int32_t selftest(void) {
  a[0][0] = a[0][1] = a[1][0] = 1;
  a[1][1] = 0;
  b[0][0] = b[1][1] = 1;
  b[0][1] = b[1][0] = 0;
  for (int power = 0; power < 30; power++) {
    multiply(c, b, a, 2);
    for (int i = 0; i < 4; i++) b[i / 2][i % 2] = c[i / 2][i % 2];
  }
  return b[0][1] == 832040 ? 0 : 1;
}

EXPORT(run) int32_t run(int32_t n) {
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      a[i][j] = i * 3 - j * 5 + 1;
      b[i][j] = (i ^ j) & 15;
    }
  }
  for (int32_t round = 0; round < n; round++) {
    multiply(c, a, b, SIDE);
    for (int i = 0; i < SIDE; i++) {
      for (int j = 0; j < SIDE; j++) a[i][j] = ((c[j][i] >> 3) & 1023) + j;
    }
  }
  uint32_t sum = 0;
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) sum = sum * 31 + (uint32_t)a[i][j];
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
