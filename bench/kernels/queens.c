// build: clang -O2 -nostdlib -Wl,--no-entry
// Counts the ways to put n queens on a board, by backtracking over bit masks.
// Character: deep recursion with a short loop in each call. n: size of the board.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

static uint32_t place(uint32_t all, uint32_t columns, uint32_t down, uint32_t up) {
  if (columns == all) return 1;
  uint32_t count = 0;
  for (uint32_t free = all & ~(columns | down | up); free != 0; free &= free - 1) {
    uint32_t bit = free & (0 - free);
    count += place(all, columns | bit, (down | bit) << 1, (up | bit) >> 1);
  }
  return count;
}

// 0, or the number of the first known answer that is missed (OEIS A000170).
EXPORT(selftest) int32_t selftest(void) {
  if (place((1u << 6) - 1, 0, 0, 0) != 4) return 1;
  if (place((1u << 8) - 1, 0, 0, 0) != 92) return 2;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) { return (int32_t)place((1u << n) - 1, 0, 0, 0); }

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
