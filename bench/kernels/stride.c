// build: clang -O2 -nostdlib -Wl,--no-entry
// Memory-bound work over 4 MiB, larger than the inner caches: copy, fill, reverse, strided sums, transpose.
// Character: loads and stores at several strides, hardly any arithmetic. n: rounds.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIDE = 1024, WORDS = SIDE * SIDE };
static uint32_t a[WORDS], b[WORDS];

// volatile stands in for buffers the compiler cannot see through, so that no loop becomes a memory.copy.
static void copy(volatile uint32_t *to, const uint32_t *from, uint32_t words) {
  for (uint32_t i = 0; i < words; i++) to[i] = from[i];
}

static void reverse(uint32_t *v, uint32_t words) {
  for (uint32_t i = 0, j = words - 1; i < j; i++, j--) {
    uint32_t held = v[i];
    v[i] = v[j];
    v[j] = held;
  }
}

static uint32_t strided_sum(const uint32_t *v, uint32_t words, uint32_t stride) {
  uint32_t sum = 0;
  for (uint32_t start = 0; start < stride; start++) {
    for (uint32_t i = start; i < words; i += stride) sum = sum * 3 + v[i];
  }
  return sum;
}

static void transpose(uint32_t *to, const uint32_t *from, uint32_t side) {
  for (uint32_t i = 0; i < side; i++) {
    for (uint32_t j = 0; j < side; j++) to[j * side + i] = from[i * side + j];
  }
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  for (uint32_t i = 0; i < 16; i++) a[i] = i;
  reverse(a, 16);
  if (a[0] != 15 || a[15] != 0) return 1;
  transpose(b, a, 4);
  if (b[1] != 11 || b[4] != 14) return 2;
  copy(a, b, 16);
  if (a[4] != 14) return 3;
  for (uint32_t i = 0; i < 4; i++) a[i] = i;
  return strided_sum(a, 4, 2) == ((0 * 3 + 2) * 3 + 1) * 3 + 3 ? 0 : 4;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < WORDS; i++) a[i] = i * 2654435761u;
  for (int32_t round = 0; round < n; round++) {
    copy(b, a, WORDS);
    reverse(b, WORDS);
    sum += strided_sum(b, WORDS, 16);
    transpose(a, b, SIDE / 2);
    sum ^= strided_sum(a, WORDS, 1);
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
