// build: clang -O2 -nostdlib -Wl,--no-entry
// A finite impulse response filter in Q15 fixed point with saturation, followed by a decimator and a biquad.
// Character: the multiply-accumulate loop of every signal chain. n: blocks of 1024 samples, 32 taps.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { BLOCK = 1024, TAPS = 32 };
static int16_t input[BLOCK + TAPS];
static int16_t output[BLOCK];
static int16_t taps[TAPS];

static int16_t saturate(int32_t x) { return (int16_t)(x > 32767 ? 32767 : x < -32768 ? -32768 : x); }

static void filter(int length) {
  for (int i = 0; i < length; i++) {
    int32_t sum = 1 << 14;
    for (int k = 0; k < TAPS; k++) sum += (int32_t)taps[k] * input[i + TAPS - 1 - k];
    output[i] = saturate(sum >> 15);
  }
}

// A direct form I biquad with Q14 coefficients over every second sample, as a decimator's clean-up stage.
static int32_t biquad(int length) {
  int32_t x1 = 0, x2 = 0, y1 = 0, y2 = 0, sum = 0;
  for (int i = 0; i < length; i += 2) {
    int32_t x = output[i];
    int32_t y = (4000 * x + 8000 * x1 + 4000 * x2 + 6000 * y1 - 3000 * y2) >> 14;
    y = saturate(y);
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    sum += y ^ (i & 255);
  }
  return sum;
}

// 0, or the number of the first known answer that is missed: the response to an impulse is the taps.
EXPORT(selftest) int32_t selftest(void) {
  for (int k = 0; k < TAPS; k++) taps[k] = (int16_t)(k * 100 - 1500);
  for (int i = 0; i < BLOCK + TAPS; i++) input[i] = 0;
  input[TAPS - 1] = 32767;
  filter(BLOCK);
  for (int k = 0; k < TAPS; k++) {
    int32_t off = output[k] - taps[k];
    if (off < -1 || off > 1) return 1;
  }
  if (output[TAPS] != 0) return 2;
  if (saturate(40000) != 32767 || saturate(-40000) != -32768) return 3;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t seed = 11;
  int32_t sum = 0;
  for (int k = 0; k < TAPS; k++) taps[k] = (int16_t)(2048 - (k - 16) * (k - 16) * 8);
  for (int i = 0; i < TAPS; i++) input[BLOCK + i] = 0;
  for (int32_t block = 0; block < n; block++) {
    for (int i = 0; i < TAPS; i++) input[i] = input[BLOCK + i];
    for (int i = TAPS; i < BLOCK + TAPS; i++) {
      seed = seed * 1664525u + 1013904223u;
      input[i] = (int16_t)(seed >> 16);
    }
    filter(BLOCK);
    sum = (int32_t)((uint32_t)sum * 31u + (uint32_t)biquad(BLOCK));
  }
  return sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
