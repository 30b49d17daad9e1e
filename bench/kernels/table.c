// build: clang -O2 -nostdlib -Wl,--no-entry
// Tight loops over small tables: histogram, translation, prefix sums, permutation, nearest colour.
// Character: innermost loops of two to six instructions, where one more shows most. n: rounds over 8 KiB.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIZE = 8192 };
static uint8_t bytes[SIZE];
static uint32_t histogram[256];
static uint8_t translation[256];
static const uint8_t palette[16] = {3, 17, 34, 50, 66, 85, 101, 117, 133, 150, 166, 183, 200, 217, 233, 250};

static void count(int length) {
  for (int i = 0; i < 256; i++) histogram[i] = 0;
  for (int i = 0; i < length; i++) histogram[bytes[i]]++;
}

static void accumulate(void) {
  for (int i = 1; i < 256; i++) histogram[i] += histogram[i - 1];
}

static void translate(int length) {
  for (int i = 0; i < length; i++) bytes[i] = translation[bytes[i]];
}

static uint32_t nearest(int32_t x) {
  uint32_t best = 0;
  int32_t least = 1 << 30;
  for (uint32_t i = 0; i < 16; i++) {
    int32_t d = palette[i] - x;
    if (d * d < least) {
      least = d * d;
      best = i;
    }
  }
  return best;
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  for (int i = 0; i < 512; i++) bytes[i] = (uint8_t)i;
  count(512);
  if (histogram[0] != 2 || histogram[255] != 2) return 1;
  accumulate();
  if (histogram[255] != 512) return 2;
  for (int i = 0; i < 256; i++) translation[i] = (uint8_t)(255 - i);
  translate(512);
  if (bytes[0] != 255 || bytes[300] != 211) return 3;
  if (nearest(0) != 0 || nearest(90) != 5 || nearest(255) != 15) return 4;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int i = 0; i < SIZE; i++) bytes[i] = (uint8_t)(i * i + (i >> 3));
  for (int i = 0; i < 256; i++) translation[i] = (uint8_t)(i * 167 + 13);
  for (int32_t round = 0; round < n; round++) {
    count(SIZE);
    accumulate();
    translate(SIZE);
    for (int i = 0; i < SIZE; i += 32) sum += nearest(bytes[i]) * histogram[bytes[i]];
    sum = sum * 31 + histogram[round & 255];
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
