// build: clang -O2 -nostdlib -Wl,--no-entry
// SHA-256 of a message in memory. Follows FIPS 180-4, section 6.2.
// Character: long straight integer code in three loops of fixed count. n: kilobytes hashed.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

static const uint32_t constants[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

static uint32_t state[8];

static uint32_t rotate(uint32_t x, int by) { return (x >> by) | (x << (32 - by)); }

static void compress(const uint8_t *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) {
    w[i] = (uint32_t)block[i * 4] << 24 | (uint32_t)block[i * 4 + 1] << 16 | (uint32_t)block[i * 4 + 2] << 8 |
           block[i * 4 + 3];
  }
  for (int i = 16; i < 64; i++) {
    uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
    uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

static void sha256(const uint8_t *message, uint32_t length) {
  static const uint32_t start[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
  for (int i = 0; i < 8; i++) state[i] = start[i];
  uint32_t at = 0;
  for (; at + 64 <= length; at += 64) compress(message + at);
  uint8_t last[128] = {0};
  uint32_t rest = length - at;
  uint32_t padded = rest < 56 ? 64 : 128;
  for (uint32_t i = 0; i < rest; i++) last[i] = message[at + i];
  last[rest] = 0x80;
  uint64_t bits = (uint64_t)length * 8;
  for (int i = 0; i < 8; i++) last[padded - 1 - i] = (uint8_t)(bits >> (8 * i));
  for (uint32_t i = 0; i < padded; i += 64) compress(last + i);
}

// 0, or the number of the first known answer that is missed (FIPS 180-2, appendix B, and the empty message).
EXPORT(selftest) int32_t selftest(void) {
  sha256((const uint8_t *)"abc", 3);
  if (state[0] != 0xBA7816BF || state[7] != 0xF20015AD) return 1;
  sha256((const uint8_t *)"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
  if (state[0] != 0x248D6A61 || state[7] != 0x19DB06C1) return 2;
  sha256((const uint8_t *)"", 0);
  if (state[0] != 0xE3B0C442 || state[7] != 0x7852B855) return 3;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  static uint8_t message[1024];
  uint32_t sum = 0;
  for (int i = 0; i < 1024; i++) message[i] = (uint8_t)(i * 7);
  for (int32_t i = 0; i < n; i++) {
    message[i & 1023]++;
    sha256(message, 1024);
    sum ^= state[i & 7];
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
