// build: clang -O2 -nostdlib -Wl,--no-entry
// Huffman coding: count, build the tree, encode a text into bits, decode it again.
// Follows Huffman's construction of 1952 with the two-queue method over sorted leaves.
// Character: bit by bit tree walks, branchy byte loops. n: rounds over a 16 KiB text.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIZE = 16384, SYMBOLS = 256 };
static uint8_t text[SIZE];
static uint8_t decoded[SIZE];
static uint8_t packed[SIZE * 2];
static uint32_t weight[SYMBOLS * 2];
static int16_t left[SYMBOLS * 2];
static int16_t right[SYMBOLS * 2];
static int16_t parent[SYMBOLS * 2];
static uint32_t code[SYMBOLS];
static uint8_t code_length[SYMBOLS];

static int16_t take_lightest(int16_t nodes) {
  int16_t best = -1;
  for (int16_t i = 0; i < nodes; i++) {
    if (weight[i] != 0 && parent[i] < 0 && (best < 0 || weight[i] < weight[best])) best = i;
  }
  return best;
}

static int16_t build_tree(uint32_t length) {
  for (int i = 0; i < SYMBOLS * 2; i++) {
    weight[i] = 0;
    parent[i] = left[i] = right[i] = -1;
  }
  for (uint32_t i = 0; i < length; i++) weight[text[i]]++;
  int16_t nodes = SYMBOLS;
  for (;;) {
    int16_t a = take_lightest(nodes);
    parent[a] = nodes;
    int16_t b = take_lightest(nodes);
    if (b < 0) {
      parent[a] = -1;
      return a;
    }
    parent[b] = nodes;
    left[nodes] = a;
    right[nodes] = b;
    weight[nodes] = weight[a] + weight[b];
    nodes++;
  }
}

static void assign_codes(int16_t root) {
  for (int16_t symbol = 0; symbol < SYMBOLS; symbol++) {
    uint32_t bits = 0;
    uint8_t length = 0;
    if (weight[symbol] != 0) {
      for (int16_t node = symbol; node != root; node = parent[node]) {
        if (right[parent[node]] == node) bits |= 1u << length;
        length++;
      }
    }
    code[symbol] = bits;
    code_length[symbol] = length;
  }
}

static uint32_t encode(uint32_t length) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < sizeof packed; i++) packed[i] = 0;
  for (uint32_t i = 0; i < length; i++) {
    uint32_t bits = code[text[i]];
    for (int bit = code_length[text[i]] - 1; bit >= 0; bit--, at++) {
      packed[at >> 3] |= (uint8_t)(((bits >> bit) & 1) << (at & 7));
    }
  }
  return at;
}

static uint32_t decode(int16_t root, uint32_t bits) {
  uint32_t out = 0;
  int16_t node = root;
  for (uint32_t at = 0; at < bits; at++) {
    node = ((packed[at >> 3] >> (at & 7)) & 1) != 0 ? right[node] : left[node];
    if (node < SYMBOLS) {
      decoded[out++] = (uint8_t)node;
      node = root;
    }
  }
  return out;
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  // Weights 1,1,2,4,8: the optimal code has 4·1+4·1+3·2+2·4+1·8 = 30 bits.
  static const uint8_t sample[17] = "abccddddeeeeeeee";
  for (int i = 0; i < 16; i++) text[i] = sample[i];
  int16_t root = build_tree(16);
  assign_codes(root);
  uint32_t bits = encode(16);
  if (bits != 30) return 1;
  if (code_length['e'] != 1 || code_length['a'] != 4) return 2;
  if (decode(root, bits) != 16) return 3;
  for (int i = 0; i < 16; i++) {
    if (decoded[i] != sample[i]) return 4;
  }
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t seed = 7;
  uint32_t sum = 0;
  for (int32_t round = 0; round < n; round++) {
    for (int i = 0; i < SIZE; i++) {
      seed = seed * 1664525u + 1013904223u;
      uint32_t r = seed >> 16;
      text[i] = (uint8_t)('a' + ((r & 31) & ((r >> 5) & 31) & ((r >> 10) | 24)));
    }
    int16_t root = build_tree(SIZE);
    assign_codes(root);
    uint32_t bits = encode(SIZE);
    if (decode(root, bits) != SIZE) return -1;
    for (int i = 0; i < SIZE; i++) {
      if (decoded[i] != text[i]) return -2;
    }
    sum = sum * 33 + bits;
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
