// build: clang -O2 -nostdlib -Wl,--no-entry
// Singly linked lists in a fixed pool: insert sorted, find, reverse, merge sort, remove.
// Character: pointer chasing with dependent loads and short loops. n: rounds over 1000 nodes.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { NODES = 1000 };
typedef struct node {
  struct node *next;
  int32_t key;
  int32_t payload;
} node;
static node pool[NODES];

static node *reverse(node *list) {
  node *done = 0;
  while (list != 0) {
    node *next = list->next;
    list->next = done;
    done = list;
    list = next;
  }
  return done;
}

static node *merge(node *a, node *b) {
  node head;
  node *tail = &head;
  while (a != 0 && b != 0) {
    if (a->key <= b->key) {
      tail->next = a;
      a = a->next;
    } else {
      tail->next = b;
      b = b->next;
    }
    tail = tail->next;
  }
  tail->next = a != 0 ? a : b;
  return head.next;
}

static node *merge_sort(node *list) {
  if (list == 0 || list->next == 0) return list;
  node *slow = list;
  for (node *fast = list->next; fast != 0 && fast->next != 0; fast = fast->next->next) slow = slow->next;
  node *second = slow->next;
  slow->next = 0;
  return merge(merge_sort(list), merge_sort(second));
}

static node *find(node *list, int32_t key) {
  while (list != 0 && list->key != key) list = list->next;
  return list;
}

static node *remove_odd(node *list) {
  node **link = &list;
  while (*link != 0) {
    if (((*link)->key & 1) != 0) {
      *link = (*link)->next;
    } else {
      link = &(*link)->next;
    }
  }
  return list;
}

static node *build(uint32_t seed, int count) {
  node *list = 0;
  for (int i = 0; i < count; i++) {
    seed = seed * 1664525u + 1013904223u;
    pool[i].key = (int32_t)(seed >> 20);
    pool[i].payload = i;
    pool[i].next = list;
    list = &pool[i];
  }
  return list;
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  node *list = merge_sort(build(9, NODES));
  int count = 1;
  for (node *p = list; p->next != 0; p = p->next, count++) {
    if (p->key > p->next->key) return 1;
  }
  if (count != NODES) return 2;
  list = reverse(list);
  if (list->key < list->next->key) return 3;
  for (node *p = remove_odd(list); p != 0; p = p->next) {
    if ((p->key & 1) != 0) return 4;
  }
  return find(list, 5000) == 0 ? 0 : 5;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  for (int32_t round = 0; round < n; round++) {
    node *list = build((uint32_t)round, NODES);
    for (int32_t key = 0; key < 64; key++) {
      node *found = find(list, key * 61);
      if (found != 0) sum += (uint32_t)found->payload;
    }
    list = reverse(merge_sort(list));
    sum = sum * 31 + (uint32_t)list->payload;
    list = remove_odd(list);
    for (node *p = list; p != 0; p = p->next) sum = sum * 3 + (uint32_t)p->key;
  }
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
