// build: clang -O2 -nostdlib -Wl,--no-entry
// Classifies sensor readings with a forest of decision trees laid out in arrays, as learning tools export them.
// Character: data-dependent walks, one compare and a few loads a step. n: rounds over 256 readings, 16 trees.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { TREES = 16, DEPTH = 8, NODES = (1 << DEPTH) - 1, FEATURES = 12, READINGS = 256, CLASSES = 5 };
typedef struct {
  int16_t threshold;
  uint8_t feature;
  uint8_t label;
  uint16_t below, above; // 0 at a leaf
} node;
static node forest[TREES][NODES];
static int16_t readings[READINGS][FEATURES];

static void grow(uint32_t seed) {
  for (int tree = 0; tree < TREES; tree++) {
    for (int i = 0; i < NODES; i++) {
      seed = seed * 1664525u + 1013904223u;
      node *at = &forest[tree][i];
      int leaf = i >= NODES / 2 || (i > 6 && (seed >> 28) == 0);
      at->feature = (uint8_t)((seed >> 8) % FEATURES);
      at->threshold = (int16_t)((seed >> 16) & 1023);
      at->label = (uint8_t)((seed >> 4) % CLASSES);
      at->below = leaf ? 0 : (uint16_t)(2 * i + 1);
      at->above = leaf ? 0 : (uint16_t)(2 * i + 2);
    }
  }
}

static uint8_t ask(const node *tree, const int16_t *reading) {
  uint32_t i = 0;
  while (tree[i].below != 0) i = reading[tree[i].feature] < tree[i].threshold ? tree[i].below : tree[i].above;
  return tree[i].label;
}

static int classify(const int16_t *reading) {
  uint8_t votes[CLASSES] = {0};
  for (int tree = 0; tree < TREES; tree++) votes[ask(forest[tree], reading)]++;
  int best = 0;
  for (int label = 1; label < CLASSES; label++) {
    if (votes[label] > votes[best]) best = label;
  }
  return best;
}

// 0, or the number of the first known answer that is missed: a hand-made tree for exclusive or.
EXPORT(selftest) int32_t selftest(void) {
  static const node by_hand[7] = {{5, 0, 0, 1, 2}, {5, 1, 0, 3, 4}, {5, 1, 0, 5, 6}, {0, 0, 0, 0, 0},
                                  {0, 0, 1, 0, 0}, {0, 0, 1, 0, 0}, {0, 0, 0, 0, 0}};
  for (int i = 0; i < 4; i++) {
    int16_t reading[FEATURES] = {(int16_t)((i & 1) * 9), (int16_t)((i >> 1) * 9)};
    if (ask(by_hand, reading) != ((i & 1) ^ (i >> 1))) return i + 1;
  }
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t seed = 77;
  uint32_t sum = 0;
  grow(123);
  for (int i = 0; i < READINGS; i++) {
    for (int f = 0; f < FEATURES; f++) {
      seed = seed * 1664525u + 1013904223u;
      readings[i][f] = (int16_t)(seed >> 22);
    }
  }
  for (int32_t round = 0; round < n; round++) {
    for (int i = 0; i < READINGS; i++) {
      sum = sum * 5 + (uint32_t)classify(readings[i]);
      readings[i][round % FEATURES] ^= 1;
    }
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
