// build: clang -O2 -nostdlib -Wl,--no-entry
// Solves linear systems in double precision: LU decomposition with partial pivoting, then substitution.
// Follows the textbook Doolittle form. Character: floating point in triangular loops. n: systems of 40 unknowns.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIDE = 40 };
static double m[SIDE][SIDE];
static double rhs[SIDE];

static int decompose_and_solve(int side) {
  for (int column = 0; column < side; column++) {
    int pivot = column;
    for (int row = column + 1; row < side; row++) {
      if (__builtin_fabs(m[row][column]) > __builtin_fabs(m[pivot][column])) pivot = row;
    }
    if (m[pivot][column] == 0) return 0;
    for (int k = 0; k < side; k++) {
      double held = m[pivot][k];
      m[pivot][k] = m[column][k];
      m[column][k] = held;
    }
    double held = rhs[pivot];
    rhs[pivot] = rhs[column];
    rhs[column] = held;
    for (int row = column + 1; row < side; row++) {
      double factor = m[row][column] / m[column][column];
      for (int k = column; k < side; k++) m[row][k] -= factor * m[column][k];
      rhs[row] -= factor * rhs[column];
    }
  }
  for (int row = side - 1; row >= 0; row--) {
    for (int k = row + 1; k < side; k++) rhs[row] -= m[row][k] * rhs[k];
    rhs[row] /= m[row][row];
  }
  return 1;
}

// 0, or the number of the first known answer that is missed: 2x+y=5, x-y=1, a system that needs a pivot.
EXPORT(selftest) int32_t selftest(void) {
  m[0][0] = 0;
  m[0][1] = 1;
  m[1][0] = 2;
  m[1][1] = 4;
  rhs[0] = 3;
  rhs[1] = 16;
  if (!decompose_and_solve(2)) return 1;
  if (rhs[0] != 2 || rhs[1] != 3) return 2;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t seed = 5;
  double total = 0;
  for (int32_t system = 0; system < n; system++) {
    for (int i = 0; i < SIDE; i++) {
      double sum = 0;
      for (int j = 0; j < SIDE; j++) {
        seed = seed * 1664525u + 1013904223u;
        m[i][j] = (double)(int32_t)(seed >> 12) - 524288.0;
        sum += m[i][j] * (j + 1);
      }
      rhs[i] = sum;
    }
    if (!decompose_and_solve(SIDE)) return -1;
    for (int i = 0; i < SIDE; i++) total += rhs[i];
  }
  return (int32_t)(total * 64.0);
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
