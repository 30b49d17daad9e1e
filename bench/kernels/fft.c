// build: clang -O2 -nostdlib -Wl,--no-entry
// Fast Fourier transform of 1024 complex samples in single precision, in place.
// Follows Cooley and Tukey, radix 2, decimation in time; the twiddle factors come from the half-angle formulas.
// Character: butterflies over shrinking strides, floating point. n: forward and inverse transforms.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIZE = 1024, BITS = 10 };
static float re[SIZE], im[SIZE];
static float cosine[SIZE / 2], sine[SIZE / 2];

// Doubles the angle's resolution each pass: cos(x/2), sin(x/2) from cos x, then angle addition.
static void make_twiddles(void) {
  double c = -1;
  double s = 0;
  cosine[0] = 1;
  sine[0] = 0;
  for (int step = SIZE / 2; step > 1;) {
    step /= 2;
    double half_c = __builtin_sqrt((1 + c) / 2);
    double half_s = __builtin_sqrt((1 - c) / 2);
    c = half_c;
    s = half_s;
    for (int i = step; i < SIZE / 2; i += 2 * step) {
      double base_c = cosine[i - step];
      double base_s = sine[i - step];
      cosine[i] = (float)(base_c * c - base_s * s);
      sine[i] = (float)(base_s * c + base_c * s);
    }
  }
}

static void reverse_bits(void) {
  for (int i = 0, j = 0; i < SIZE; i++) {
    if (i < j) {
      float held = re[i];
      re[i] = re[j];
      re[j] = held;
      held = im[i];
      im[i] = im[j];
      im[j] = held;
    }
    int bit = SIZE / 2;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
  }
}

static void transform(float direction) {
  reverse_bits();
  for (int half = 1; half < SIZE; half *= 2) {
    int stride = SIZE / 2 / half;
    for (int start = 0; start < SIZE; start += 2 * half) {
      for (int k = 0; k < half; k++) {
        float c = cosine[k * stride];
        float s = direction * sine[k * stride];
        int a = start + k;
        int b = a + half;
        float r = re[b] * c - im[b] * s;
        float i = re[b] * s + im[b] * c;
        re[b] = re[a] - r;
        im[b] = im[a] - i;
        re[a] += r;
        im[a] += i;
      }
    }
  }
}

static int close(float a, float b) { return __builtin_fabsf(a - b) < 0.01f; }

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  make_twiddles();
  if (!close(cosine[128], 0.70710678f) || !close(sine[256], 1)) return 1;
  // One cosine at frequency 3 has its power, half of the size each, in bins 3 and 1021.
  for (int i = 0; i < SIZE; i++) {
    int turn = (i * 3) & (SIZE - 1);
    re[i] = turn < SIZE / 2 ? cosine[turn] : -cosine[turn - SIZE / 2];
    im[i] = 0;
  }
  transform(-1);
  for (int i = 0; i < SIZE; i++) {
    if (!close(re[i], i == 3 || i == SIZE - 3 ? SIZE / 2 : 0) || !close(im[i], 0)) return 2;
  }
  transform(1);
  if (!close(re[0] / SIZE, 1)) return 3;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  make_twiddles();
  for (int i = 0; i < SIZE; i++) {
    re[i] = (float)((i * 37) & 255) - 128;
    im[i] = 0;
  }
  float peak = 0;
  for (int32_t round = 0; round < n; round++) {
    transform(-1);
    peak += re[round & (SIZE - 1)];
    transform(1);
    for (int i = 0; i < SIZE; i++) {
      re[i] *= 1.0f / SIZE;
      im[i] *= 1.0f / SIZE;
    }
  }
  union {
    float number;
    uint32_t bits;
  } view = {peak};
  uint32_t sum = view.bits;
  for (int i = 0; i < SIZE; i++) {
    view.number = re[i];
    sum = sum * 31 + view.bits;
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
