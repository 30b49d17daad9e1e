// build: clang -O2 -nostdlib -Wl,--no-entry
// AES-128 in counter mode, byte-oriented, with the S-box computed at start.
// Follows FIPS 197 (the cipher and key expansion) and NIST SP 800-38A (counter mode).
// Character: short loops over 16 bytes, table loads, xor. n: kilobytes encrypted.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

static uint8_t sbox[256];
static uint8_t round_keys[176];

static uint8_t rotate_left(uint8_t x, int by) { return (uint8_t)((x << by) | (x >> (8 - by))); }
static uint8_t times_two(uint8_t x) { return (uint8_t)((x << 1) ^ ((x >> 7) * 0x1B)); }

// Walks the field's multiplicative group with generator 3 and its inverse side by side (FIPS 197, 5.1.1).
static void make_sbox(void) {
  uint8_t p = 1;
  uint8_t q = 1;
  do {
    p = (uint8_t)(p ^ times_two(p));
    q ^= (uint8_t)(q << 1);
    q ^= (uint8_t)(q << 2);
    q ^= (uint8_t)(q << 4);
    if ((q & 0x80) != 0) q ^= 0x09;
    sbox[p] = (uint8_t)(q ^ rotate_left(q, 1) ^ rotate_left(q, 2) ^ rotate_left(q, 3) ^ rotate_left(q, 4) ^ 0x63);
  } while (p != 1);
  sbox[0] = 0x63;
}

static void expand_key(const uint8_t *key) {
  for (int i = 0; i < 16; i++) round_keys[i] = key[i];
  uint8_t constant = 1;
  for (int i = 16; i < 176; i += 4) {
    uint8_t word[4];
    for (int j = 0; j < 4; j++) word[j] = round_keys[i - 4 + j];
    if (i % 16 == 0) {
      uint8_t first = word[0];
      word[0] = sbox[word[1]] ^ constant;
      word[1] = sbox[word[2]];
      word[2] = sbox[word[3]];
      word[3] = sbox[first];
      constant = times_two(constant);
    }
    for (int j = 0; j < 4; j++) round_keys[i + j] = round_keys[i - 16 + j] ^ word[j];
  }
}

static void add_round_key(uint8_t *state, int round) {
  for (int i = 0; i < 16; i++) state[i] ^= round_keys[round * 16 + i];
}

static void substitute_and_shift(uint8_t *state) {
  uint8_t moved[16];
  for (int column = 0; column < 4; column++) {
    for (int row = 0; row < 4; row++) moved[column * 4 + row] = sbox[state[((column + row) & 3) * 4 + row]];
  }
  for (int i = 0; i < 16; i++) state[i] = moved[i];
}

static void mix_columns(uint8_t *state) {
  for (int column = 0; column < 4; column++) {
    uint8_t *s = state + column * 4;
    uint8_t all = s[0] ^ s[1] ^ s[2] ^ s[3];
    uint8_t first = s[0];
    for (int row = 0; row < 3; row++) s[row] ^= all ^ times_two(s[row] ^ s[row + 1]);
    s[3] ^= all ^ times_two(s[3] ^ first);
  }
}

static void encrypt_block(const uint8_t *in, uint8_t *out) {
  uint8_t state[16];
  for (int i = 0; i < 16; i++) state[i] = in[i];
  add_round_key(state, 0);
  for (int round = 1; round < 10; round++) {
    substitute_and_shift(state);
    mix_columns(state);
    add_round_key(state, round);
  }
  substitute_and_shift(state);
  add_round_key(state, 10);
  for (int i = 0; i < 16; i++) out[i] = state[i];
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  // FIPS 197, appendix C.1 and appendix B.
  static const uint8_t plain[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                    0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF};
  static const uint8_t expected[16] = {0x69, 0xC4, 0xE0, 0xD8, 0x6A, 0x7B, 0x04, 0x30,
                                       0xD8, 0xCD, 0xB7, 0x80, 0x70, 0xB4, 0xC5, 0x5A};
  uint8_t key[16];
  uint8_t out[16];
  make_sbox();
  if (sbox[0x53] != 0xED) return 1;
  for (int i = 0; i < 16; i++) key[i] = (uint8_t)i;
  expand_key(key);
  encrypt_block(plain, out);
  for (int i = 0; i < 16; i++) {
    if (out[i] != expected[i]) return 2;
  }
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint8_t key[16];
  uint8_t counter[16] = {0};
  uint8_t stream[16];
  uint32_t sum = 0;
  make_sbox();
  for (int i = 0; i < 16; i++) key[i] = (uint8_t)(i * 17 + 3);
  expand_key(key);
  for (int32_t block = 0; block < n * 64; block++) {
    encrypt_block(counter, stream);
    for (int i = 0; i < 16; i++) sum = sum * 31 + (stream[i] ^ (uint8_t)block);
    for (int i = 15; i >= 0 && ++counter[i] == 0; i--) {
    }
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
