// build: clang -O2 -nostdlib -Wl,--no-entry
// A chain of filters called through function pointers, as drivers and event loops are written.
// Character: call_indirect all the time, tiny callees. n: events pushed through the chain.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

typedef struct stage stage;
struct stage {
  uint32_t (*apply)(stage *self, uint32_t event);
  uint32_t state;
};

static uint32_t add(stage *self, uint32_t event) { return event + self->state; }
static uint32_t mix(stage *self, uint32_t event) { return (event ^ event >> 15) * (self->state | 1); }
static uint32_t count(stage *self, uint32_t event) { return event ^ ++self->state; }
static uint32_t smooth(stage *self, uint32_t event) {
  self->state += (event >> 4) - (self->state >> 4);
  return self->state;
}
static uint32_t limit(stage *self, uint32_t event) { return event > self->state ? event - self->state : event; }
static uint32_t turn(stage *self, uint32_t event) {
  uint32_t by = self->state & 31;
  return event << by | event >> ((32 - by) & 31);
}

enum { STAGES = 12, KINDS = 6 };
static uint32_t (*const kinds[KINDS])(stage *, uint32_t) = {add, mix, count, smooth, limit, turn};
static stage chain[STAGES];

static uint32_t push(uint32_t event, int stages) {
  for (int i = 0; i < stages; i++) event = chain[i].apply(&chain[i], event);
  return event;
}

static void wire(uint32_t seed) {
  for (int i = 0; i < STAGES; i++) {
    seed = seed * 1664525u + 1013904223u;
    chain[i].apply = kinds[(seed >> 8) % KINDS];
    chain[i].state = seed;
  }
}

// 0, or the number of the first known answer that is missed.
EXPORT(selftest) int32_t selftest(void) {
  chain[0] = (stage){add, 5};
  chain[1] = (stage){turn, 4};
  chain[2] = (stage){count, 0};
  chain[3] = (stage){limit, 100};
  if (push(1, 4) != 97) return 1;
  if (push(1, 4) != 98) return 2;
  return push(9, 0) == 9 ? 0 : 3;
}

EXPORT(run) int32_t run(int32_t n) {
  uint32_t sum = 0;
  wire(42);
  for (int32_t i = 0; i < n; i++) sum = sum * 31 + push((uint32_t)i, STAGES);
  return (int32_t)sum;
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
