// build: clang -O2 -nostdlib -Wl,--no-entry
// Dictionary compression: finds matches through hash chains, writes literal runs and (length, distance) pairs, unpacks.
// Follows Lempel and Ziv's scheme of 1977 in a byte-aligned format of our own: a token below 128 is a run of
// token+1 literals, else a match of token-124 bytes (4 to 131) and a 16-bit distance.
// Character: hash lookups, byte comparison loops, overlapping copies. n: rounds over 16 KiB.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIZE = 16384, HASH = 4096, MIN_MATCH = 4, MAX_MATCH = 131, MAX_CHAIN = 16 };
static uint8_t plain[SIZE], packed[SIZE + SIZE / 64 + 16], unpacked[SIZE];
static int32_t newest[HASH];
static int32_t older[SIZE];

static uint32_t hash(const uint8_t *p) {
  uint32_t v = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
  return v * 2654435761u >> 20;
}

static int match_length(const uint8_t *a, const uint8_t *b, int limit) {
  int length = 0;
  while (length < limit && a[length] == b[length]) length++;
  return length;
}

static int put_literals(int out, int from, int to) {
  while (from < to) {
    int run = to - from > 128 ? 128 : to - from;
    packed[out++] = (uint8_t)(run - 1);
    for (int i = 0; i < run; i++) packed[out++] = plain[from++];
  }
  return out;
}

static void remember(int position) {
  uint32_t h = hash(plain + position);
  older[position] = newest[h];
  newest[h] = position;
}

static int compress(int size) {
  int out = 0;
  int literals = 0;
  int position = 0;
  for (int i = 0; i < HASH; i++) newest[i] = -1;
  while (position + MIN_MATCH <= size) {
    int best = 0;
    int distance = 0;
    int limit = size - position > MAX_MATCH ? MAX_MATCH : size - position;
    int chain = MAX_CHAIN;
    for (int old = newest[hash(plain + position)]; old >= 0 && chain > 0; old = older[old], chain--) {
      int length = match_length(plain + old, plain + position, limit);
      if (length > best) {
        best = length;
        distance = position - old;
      }
    }
    remember(position);
    if (best < MIN_MATCH) {
      position++;
      continue;
    }
    out = put_literals(out, literals, position);
    packed[out++] = (uint8_t)(best + 124);
    packed[out++] = (uint8_t)distance;
    packed[out++] = (uint8_t)(distance >> 8);
    for (int end = position + best; ++position < end;) {
      if (position + MIN_MATCH <= size) remember(position);
    }
    literals = position;
  }
  return put_literals(out, literals, size);
}

static int decompress(int packed_size) {
  int out = 0;
  for (int in = 0; in < packed_size;) {
    int token = packed[in++];
    if (token < 128) {
      for (int i = 0; i <= token; i++) unpacked[out++] = packed[in++];
    } else {
      int distance = packed[in] | packed[in + 1] << 8;
      in += 2;
      for (int i = 0; i < token - 124; i++, out++) unpacked[out] = unpacked[out - distance];
    }
  }
  return out;
}

static void make_text(uint32_t seed) {
  static const char *const words[16] = {"interrupt ", "the ", "pending ", "of ",   "vector ", "a ",    "stack ", "to ",
                                        "handler ",   "and ", "mask ",    "line ", "is ",     "timer ", "with ",  "\n"};
  int at = 0;
  while (at < SIZE) {
    seed = seed * 1664525u + 1013904223u;
    for (const char *w = words[seed >> 28]; *w != 0 && at < SIZE; w++) plain[at++] = (uint8_t)*w;
    if ((seed >> 20 & 7) == 0 && at < SIZE) plain[at++] = (uint8_t)('0' + (seed >> 12 & 15));
  }
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  for (int i = 0; i < 100; i++) plain[i] = 'x';
  if (compress(100) != 5) return 1;
  if (decompress(5) != 100 || unpacked[0] != 'x' || unpacked[99] != 'x') return 2;
  make_text(4);
  int size = compress(SIZE);
  if (size > SIZE / 2) return 3;
  if (decompress(size) != SIZE) return 4;
  for (int i = 0; i < SIZE; i++) {
    if (unpacked[i] != plain[i]) return 5;
  }
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int32_t round = 0; round < n; round++) {
    make_text((uint32_t)round);
    int size = compress(SIZE);
    for (int pass = 0; pass < 4; pass++) {
      if (decompress(size) != SIZE) return -1;
    }
    for (int i = 0; i < SIZE; i += 16) sum = sum * 31 + unpacked[i];
    sum = sum * 31 + (uint32_t)size;
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
