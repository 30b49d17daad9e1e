// build: clang -nostartfiles -Wl,--no-entry -Wl,--export=wirq_stack_bytes -Wno-unused-parameter
// Everything in wirq-sync.h at once, with counts that only come out right if nothing is ever lost, doubled or torn: for runs
// with slices of a few instructions and interrupts at every turn. Returns 0, or the number of what went wrong.
#include "wirq-sync.h"

WIRQ_STACK_BYTES(2048);

enum { PRODUCERS = 4, ITEMS = 40, CONSUMERS = 3, WORKERS = 5, ROUNDS = 30 };

struct item {
  int from, number;
  int check[6];
};

WIRQ_QUEUE(queue, struct item, 3);
WIRQ_QUEUE(ticks, int, 8);
static wirq_mutex mutexes[2];
static wirq_semaphore pool, done;
static wirq_events started;
static int seen[PRODUCERS], received, wrong;
static int counters[2];
static volatile int inside, most_inside;
static volatile int handled, taken;

static void fail(int code) {
  if (wrong == 0) wrong = code;
}

static void produce(void *argument) {
  int from = (int)argument;
  wirq_events_wait(&started, 1u << from, WIRQ_EVENTS_KEEP);
  for (int i = 0; i < ITEMS; i++) {
    struct item item = {from, i, {from + i, from - i, from * i, i, from, 99}};
    wirq_queue_send(&queue, &item);
  }
  wirq_semaphore_give(&done);
}

static void consume(void *nothing) {
  for (;;) {
    struct item item;
    wirq_queue_receive(&queue, &item);
    const int f = item.from, n = item.number;
    const int check[6] = {f + n, f - n, f * n, n, f, 99};
    for (int i = 0; i < 6; i++)
      if (item.check[i] != check[i]) fail(1);
    wirq_mutex_lock(&mutexes[0]);
    seen[f] += n;
    received++;
    wirq_mutex_unlock(&mutexes[0]);
  }
}

static void enter(int by) {
  int32_t mask = wirq_irq_set_primask(1);
  inside += by;
  if (inside > most_inside) most_inside = inside;
  wirq_irq_set_primask(mask);
}

/* Takes one of two places, and both mutexes one inside the other; each counter is read, waited over and written. */
static void work(void *argument) {
  for (int i = 0; i < ROUNDS; i++) {
    wirq_semaphore_take(&pool);
    enter(1);
    wirq_mutex_lock(&mutexes[0]);
    int first = counters[0];
    if (((int)argument + i) % 3 == 0) wirq_task_yield();
    wirq_mutex_lock(&mutexes[1]);
    int second = counters[1];
    wirq_task_yield();
    counters[1] = second + 1;
    wirq_mutex_unlock(&mutexes[1]);
    counters[0] = first + 1;
    wirq_mutex_unlock(&mutexes[0]);
    enter(-1);
    wirq_semaphore_give(&pool);
  }
  wirq_semaphore_give(&done);
}

WIRQ_HANDLER(IRQ3_Handler) {
  int tick = handled;
  if (wirq_queue_try_send(&ticks, &tick)) handled++;
}

/* The ticks come whole and in order. */
static void take_ticks(void *nothing) {
  for (;; taken++) {
    int tick;
    wirq_queue_receive(&ticks, &tick);
    if (tick != taken) fail(2);
  }
}

__attribute__((export_name("main"))) int run(void) {
  wirq_irq_enable(3);
  wirq_task_set_priority(0, 50); // until all are there
  wirq_semaphore_give(&pool), wirq_semaphore_give(&pool);
  int priorities[WORKERS];
  int workers[WORKERS];
  wirq_task_spawn(take_ticks, 0, 90);
  for (int i = 0; i < PRODUCERS; i++) wirq_task_spawn(produce, (void *)(intptr_t)i, 100 + i % 2);
  for (int i = 0; i < CONSUMERS; i++) wirq_task_spawn(consume, 0, 100 + i);
  for (int i = 0; i < WORKERS; i++) {
    priorities[i] = 99 + i % 3;
    workers[i] = wirq_task_spawn(work, (void *)(intptr_t)i, priorities[i]);
  }
  wirq_events_set(&started, 0xf);
  for (int i = 0; i < PRODUCERS + WORKERS; i++) wirq_semaphore_take(&done);
  while (received < PRODUCERS * ITEMS) wirq_task_sleep(1000);
  for (int i = 0; i < PRODUCERS; i++)
    if (seen[i] != ITEMS * (ITEMS - 1) / 2) fail(3);
  for (int i = 0; i < 2; i++)
    if (counters[i] != WORKERS * ROUNDS) fail(4 + i);
  if (most_inside != 2) fail(6);
  if (taken == 0 || handled - taken > 9) fail(7);
  if (wirq_held_mutexes != 0 || pool.count != 2 || pool.waiters != 0) fail(8);
  for (int i = 0; i < WORKERS; i++) wirq_task_join(workers[i]);
  return wrong;
}
