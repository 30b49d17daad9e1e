// build: clang -O2 -nostdlib -Wl,--no-entry
// Sorting: quicksort with insertion sort for short ranges, heapsort, and binary search over the result.
// Follows Hoare's partition and Floyd's heap construction. Character: data-dependent branches, recursion. n: rounds.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { SIZE = 4096 };
static int32_t a[SIZE], b[SIZE];

static void insertion_sort(int32_t *v, int length) {
  for (int i = 1; i < length; i++) {
    int32_t x = v[i];
    int j = i;
    for (; j > 0 && v[j - 1] > x; j--) v[j] = v[j - 1];
    v[j] = x;
  }
}

static void quicksort(int32_t *v, int length) {
  while (length > 12) {
    int32_t pivot = v[length / 2];
    int i = -1;
    int j = length;
    for (;;) {
      while (v[++i] < pivot) {
      }
      while (v[--j] > pivot) {
      }
      if (i >= j) break;
      int32_t held = v[i];
      v[i] = v[j];
      v[j] = held;
    }
    quicksort(v, j + 1);
    v += j + 1;
    length -= j + 1;
  }
  insertion_sort(v, length);
}

static void sift_down(int32_t *v, int root, int length) {
  int32_t x = v[root];
  for (;;) {
    int child = root * 2 + 1;
    if (child >= length) break;
    if (child + 1 < length && v[child + 1] > v[child]) child++;
    if (v[child] <= x) break;
    v[root] = v[child];
    root = child;
  }
  v[root] = x;
}

static void heapsort(int32_t *v, int length) {
  for (int i = length / 2 - 1; i >= 0; i--) sift_down(v, i, length);
  for (int end = length - 1; end > 0; end--) {
    int32_t held = v[0];
    v[0] = v[end];
    v[end] = held;
    sift_down(v, 0, end);
  }
}

static int find(const int32_t *v, int length, int32_t x) {
  int low = 0;
  while (length > 0) {
    int half = length / 2;
    if (v[low + half] < x) {
      low += half + 1;
      length -= half + 1;
    } else {
      length = half;
    }
  }
  return low;
}

static void fill(uint32_t seed) {
  for (int i = 0; i < SIZE; i++) {
    seed = seed * 1664525u + 1013904223u;
    a[i] = b[i] = (int32_t)(seed >> 8) % 100000 - 50000;
  }
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  fill(3);
  quicksort(a, SIZE);
  heapsort(b, SIZE);
  for (int i = 0; i < SIZE; i++) {
    if (a[i] != b[i]) return 1;
    if (i > 0 && a[i - 1] > a[i]) return 2;
  }
  if (find(a, SIZE, a[0]) != 0 || find(a, SIZE, 60000) != SIZE) return 3;
  return 0;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int32_t round = 0; round < n; round++) {
    fill((uint32_t)round);
    quicksort(a, SIZE);
    heapsort(b, SIZE);
    for (int i = 0; i < SIZE; i += 4) sum += (uint32_t)find(a, SIZE, b[i] + 1);
    sum = sum * 31 + (uint32_t)a[SIZE / 3];
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
