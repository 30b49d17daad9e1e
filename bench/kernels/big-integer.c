// build: clang -O2 -nostdlib -Wl,--no-entry
// Multi-precision arithmetic: schoolbook product, Montgomery reduction, modular exponentiation of 512-bit numbers.
// Follows Knuth, The Art of Computer Programming 2, 4.3.1 (algorithm M), and Montgomery 1985.
// Character: carry chains with 64-bit multiplies in short counted loops. n: modular exponentiations.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { LIMBS = 16 };
static uint32_t modulus[LIMBS];
static uint32_t minus_inverse;

// The low limb's negated inverse modulo 2^32, by Newton's iteration: each step doubles the correct bits.
static void prepare(void) {
  uint32_t inverse = modulus[0];
  for (int i = 0; i < 4; i++) inverse *= 2 - modulus[0] * inverse;
  minus_inverse = 0 - inverse;
}

static int at_least(const uint32_t *a, const uint32_t *b) {
  for (int i = LIMBS - 1; i >= 0; i--) {
    if (a[i] != b[i]) return a[i] > b[i];
  }
  return 1;
}

static void subtract(uint32_t *a, const uint32_t *b) {
  uint32_t borrow = 0;
  for (int i = 0; i < LIMBS; i++) {
    uint64_t d = (uint64_t)a[i] - b[i] - borrow;
    a[i] = (uint32_t)d;
    borrow = (uint32_t)(d >> 63);
  }
}

// to = a * b / 2^512 modulo the modulus; to may be a or b.
static void multiply(uint32_t *to, const uint32_t *a, const uint32_t *b) {
  uint32_t t[LIMBS * 2 + 1] = {0};
  for (int i = 0; i < LIMBS; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < LIMBS; j++) {
      carry += (uint64_t)a[i] * b[j] + t[i + j];
      t[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    t[i + LIMBS] = (uint32_t)carry;
  }
  for (int i = 0; i < LIMBS; i++) {
    uint32_t factor = t[i] * minus_inverse;
    uint64_t carry = 0;
    for (int j = 0; j < LIMBS; j++) {
      carry += (uint64_t)factor * modulus[j] + t[i + j];
      t[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    for (int j = i + LIMBS; carry != 0; j++) {
      carry += t[j];
      t[j] = (uint32_t)carry;
      carry >>= 32;
    }
  }
  for (int i = 0; i < LIMBS; i++) to[i] = t[i + LIMBS];
  if (t[2 * LIMBS] != 0 || at_least(to, modulus)) subtract(to, modulus);
}

// 2^bits modulo the modulus, by doubling: needs no division.
static void power_of_two(uint32_t *to, int bits) {
  for (int i = 0; i < LIMBS; i++) to[i] = 0;
  to[0] = 1;
  for (int bit = 0; bit < bits; bit++) {
    uint32_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
      uint32_t next = to[i] >> 31;
      to[i] = to[i] << 1 | carry;
      carry = next;
    }
    if (carry != 0 || at_least(to, modulus)) subtract(to, modulus);
  }
}

static void power(uint32_t *to, const uint32_t *base, const uint32_t *exponent) {
  uint32_t square[LIMBS], one[LIMBS] = {1}, scale[LIMBS], result[LIMBS];
  power_of_two(scale, 2 * 32 * LIMBS);
  multiply(square, base, scale);
  multiply(result, one, scale);
  for (int bit = 0; bit < 32 * LIMBS; bit++) {
    if ((exponent[bit / 32] >> (bit % 32) & 1) != 0) multiply(result, result, square);
    multiply(square, square, square);
  }
  multiply(to, result, one);
}

static void clear(uint32_t *a, uint32_t low) {
  for (int i = 0; i < LIMBS; i++) a[i] = 0;
  a[0] = low;
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  uint32_t base[LIMBS], exponent[LIMBS], result[LIMBS];
  // 4^13 = 445 modulo 497.
  clear(modulus, 497);
  prepare();
  clear(base, 4);
  clear(exponent, 13);
  power(result, base, exponent);
  if (result[0] != 445 || result[1] != 0) return 1;
  // Fermat: 2^521-1 does not fit, but 2^127-1 is prime, so a^(p-1) = 1 modulo p.
  clear(modulus, 0xFFFFFFFF);
  modulus[1] = modulus[2] = 0xFFFFFFFF;
  modulus[3] = 0x7FFFFFFF;
  prepare();
  clear(base, 123456789);
  for (int i = 0; i < LIMBS; i++) exponent[i] = modulus[i];
  exponent[0]--;
  power(result, base, exponent);
  for (int i = 0; i < LIMBS; i++) {
    if (result[i] != (i == 0)) return 2;
  }
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t base[LIMBS], exponent[LIMBS];
  uint32_t seed = 1;
  for (int i = 0; i < LIMBS; i++) {
    seed = seed * 1664525u + 1013904223u;
    modulus[i] = seed | 1;
    base[i] = seed >> 3;
    exponent[i] = seed ^ 0x5A5A5A5A;
  }
  modulus[LIMBS - 1] |= 0x80000000;
  prepare();
  for (int32_t round = 0; round < n; round++) power(base, base, exponent);
  uint32_t sum = 0;
  for (int i = 0; i < LIMBS; i++) sum = sum * 31 + base[i];
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
