// build: clang -O2 -nostdlib -Wl,--no-entry
// MD5 of a message in memory. Follows RFC 1321, with the sine table as the RFC's definition gives it.
// Character: 64 steps whose function depends on the step, a rotate by a variable. n: kilobytes hashed.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

static const uint32_t sines[64] = {
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391};
static const uint8_t shifts[16] = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

static uint32_t state[4];

static void compress(const uint8_t *block) {
  uint32_t words[16];
  for (int i = 0; i < 16; i++) {
    words[i] = block[i * 4] | (uint32_t)block[i * 4 + 1] << 8 | (uint32_t)block[i * 4 + 2] << 16 |
               (uint32_t)block[i * 4 + 3] << 24;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
#pragma clang loop unroll(disable)
  for (uint32_t i = 0; i < 64; i++) {
    uint32_t mixed;
    uint32_t word;
    if (i < 16) {
      mixed = (b & c) | (~b & d);
      word = i;
    } else if (i < 32) {
      mixed = (d & b) | (~d & c);
      word = 5 * i + 1;
    } else if (i < 48) {
      mixed = b ^ c ^ d;
      word = 3 * i + 5;
    } else {
      mixed = c ^ (b | ~d);
      word = 7 * i;
    }
    mixed += a + sines[i] + words[word & 15];
    uint32_t by = shifts[(i >> 4) * 4 + (i & 3)];
    a = d;
    d = c;
    c = b;
    b += (mixed << by) | (mixed >> (32 - by));
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

static void md5(const uint8_t *message, uint32_t length) {
  state[0] = 0x67452301;
  state[1] = 0xEFCDAB89;
  state[2] = 0x98BADCFE;
  state[3] = 0x10325476;
  uint32_t at = 0;
  for (; at + 64 <= length; at += 64) compress(message + at);
  uint8_t last[128] = {0};
  uint32_t rest = length - at;
  uint32_t padded = rest < 56 ? 64 : 128;
  for (uint32_t i = 0; i < rest; i++) last[i] = message[at + i];
  last[rest] = 0x80;
  uint64_t bits = (uint64_t)length * 8;
  for (int i = 0; i < 8; i++) last[padded - 8 + i] = (uint8_t)(bits >> (8 * i));
  for (uint32_t i = 0; i < padded; i += 64) compress(last + i);
}

// 0, or the number of the first known answer that is missed (RFC 1321, appendix A.5; first word, little-endian).
EXPORT(selftest) int32_t selftest(void) {
  md5((const uint8_t *)"", 0);
  if (state[0] != 0xD98C1DD4 || state[3] != 0x7E42F8EC) return 1;
  md5((const uint8_t *)"abc", 3);
  if (state[0] != 0x98500190 || state[3] != 0x727FE128) return 2;
  md5((const uint8_t *)"message digest", 14);
  if (state[0] != 0x7D696BF9 || state[3] != 0xD061F1AA) return 3;
  md5((const uint8_t *)"12345678901234567890123456789012345678901234567890123456789012345678901234567890", 80);
  if (state[0] != 0xA2F4ED57 || state[3] != 0x7AB60721) return 4;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  static uint8_t message[1024];
  uint32_t sum = 0;
  for (int i = 0; i < 1024; i++) message[i] = (uint8_t)(i * 13);
  for (int32_t i = 0; i < n; i++) {
    message[i & 1023]++;
    md5(message, 1024);
    sum ^= state[i & 3];
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
