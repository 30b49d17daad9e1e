// build: clang -O2 -nostdlib -Wl,--no-entry
// The inner stages of a JPEG coder and decoder on 8 by 8 blocks: level shift, cosine transform, quantisation,
// zigzag, run-length, and all of it back. Follows ITU-T T.81, annex A (A.3.3, A.3.4) and table K.1, in fixed point.
// Character: small fixed loops, integer multiply-add, table permutation. n: blocks coded and decoded.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

static const uint8_t quantiser[64] = {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
                                      14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
                                      18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
                                      49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
// cos(k*pi/16) in units of 1/8192; row 0 of the transform is scaled by sqrt(1/2).
static const int16_t cosines[9] = {8192, 8035, 7568, 6811, 5793, 4551, 3135, 1598, 0};
static int16_t basis[8][8];
static uint8_t zigzag[64];
static int32_t coefficient[64];
static uint8_t pixels[64], decoded[64];
static int16_t coded[160];

static int32_t cosine(int k) {
  k &= 31;
  if (k > 16) k = 32 - k;
  return k <= 8 ? cosines[k] : -cosines[16 - k];
}

static void make_tables(void) {
  for (int u = 0; u < 8; u++) {
    for (int x = 0; x < 8; x++) basis[u][x] = (int16_t)(u == 0 ? 5793 : cosine((2 * x + 1) * u));
  }
  int row = 0;
  int column = 0;
  for (int i = 0; i < 64; i++) {
    zigzag[i] = (uint8_t)(row * 8 + column);
    if (((row + column) & 1) == 0) {
      if (column == 7) row++;
      else if (row == 0) column++;
      else row--, column++;
    } else {
      if (row == 7) column++;
      else if (column == 0) row++;
      else row++, column--;
    }
  }
}

// One pass over rows or columns: half the sum of basis[u][x]*value, rounded.
static void forward(int32_t *v, int stride) {
  int32_t out[8];
  for (int u = 0; u < 8; u++) {
    int32_t sum = 8192;
    for (int x = 0; x < 8; x++) sum += basis[u][x] * v[x * stride];
    out[u] = sum >> 14;
  }
  for (int u = 0; u < 8; u++) v[u * stride] = out[u];
}

static void inverse(int32_t *v, int stride) {
  int32_t out[8];
  for (int x = 0; x < 8; x++) {
    int32_t sum = 8192;
    for (int u = 0; u < 8; u++) sum += basis[u][x] * v[u * stride];
    out[x] = sum >> 14;
  }
  for (int x = 0; x < 8; x++) v[x * stride] = out[x];
}

static int encode(void) {
  for (int i = 0; i < 64; i++) coefficient[i] = pixels[i] - 128;
  for (int i = 0; i < 8; i++) forward(coefficient + i * 8, 1);
  for (int i = 0; i < 8; i++) forward(coefficient + i, 8);
  int out = 0;
  int16_t zeros = 0;
  for (int i = 0; i < 64; i++) {
    int at = zigzag[i];
    int32_t half = quantiser[at] / 2;
    int32_t value = coefficient[at];
    value = value < 0 ? -((half - value) / quantiser[at]) : (value + half) / quantiser[at];
    if (value == 0) {
      zeros++;
    } else {
      coded[out++] = zeros;
      coded[out++] = (int16_t)value;
      zeros = 0;
    }
  }
  coded[out++] = -1;
  return out;
}

static void decode(void) {
  for (int i = 0; i < 64; i++) coefficient[i] = 0;
  for (int in = 0, i = 0; coded[in] >= 0; in += 2, i++) {
    i += coded[in];
    coefficient[zigzag[i]] = coded[in + 1] * quantiser[zigzag[i]];
  }
  for (int i = 0; i < 8; i++) inverse(coefficient + i, 8);
  for (int i = 0; i < 8; i++) inverse(coefficient + i * 8, 1);
  for (int i = 0; i < 64; i++) {
    int32_t value = coefficient[i] + 128;
    decoded[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  }
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  make_tables();
  if (zigzag[1] != 1 || zigzag[2] != 8 || zigzag[3] != 16 || zigzag[28] != 7 || zigzag[35] != 56 || zigzag[63] != 63) return 1;
  // A flat block has only a mean: 8 times (208 - 128), quantised by 16.
  for (int i = 0; i < 64; i++) pixels[i] = 208;
  if (encode() != 3 || coded[0] != 0 || coded[1] != 40) return 2;
  for (int i = 0; i < 64; i++) pixels[i] = (uint8_t)(40 + i * 2 + i / 8);
  encode();
  decode();
  for (int i = 0; i < 64; i++) {
    int off = decoded[i] - pixels[i];
    if (off < -12 || off > 12) return 3;
  }
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  uint32_t seed = 1;
  make_tables();
  for (int32_t block = 0; block < n; block++) {
    for (int i = 0; i < 64; i++) {
      seed = seed * 1664525u + 1013904223u;
      pixels[i] = (uint8_t)(96 + (i & 7) * (block & 15) + (i >> 3) * 3 + (int)(seed >> 27));
    }
    sum = sum * 31 + (uint32_t)encode();
    decode();
    for (int i = 0; i < 64; i += 9) sum = sum * 31 + decoded[i];
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
