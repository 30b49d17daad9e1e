// build: clang -Wl,--export=wirq_handler_stack -Wno-unused-parameter
// Everything in wirq-sync.h, between tasks and with handlers. Lines are printed by whoever is told.
#include <stdio.h>
#include "wirq-sync.h"

WIRQ_HANDLER_STACK(2048);

static wirq_semaphore semaphore;
static wirq_mutex mutex, inner;
static wirq_events events;
WIRQ_QUEUE(queue, int, 2);
WIRQ_QUEUE(meeting, int, 0);
WIRQ_QUEUE(readings, uint64_t, 4);
static int sent;

/* The C library knows no tasks: nobody else may come in between. */
#define say(...) do { int32_t mask = wirq_irq_set_primask(1); printf(__VA_ARGS__); wirq_irq_set_primask(mask); } while (0)

static int start(void (*fn)(void *), int argument, int priority) {
  return wirq_task_spawn(fn, (void *)(intptr_t)argument, priority);
}

/* Semaphores: the most urgent first, then in the order of coming. */
static void takes(void *argument) {
  wirq_semaphore_take(&semaphore);
  say("took %d\n", (int)argument);
}

static void semaphores(void) {
  int a = start(takes, 1, 130), b = start(takes, 2, 130), c = start(takes, 3, 129);
  wirq_task_sleep(20000000);
  say("try: %d\n", wirq_semaphore_try_take(&semaphore));
  for (int i = 0; i < 4; i++) wirq_semaphore_give(&semaphore);
  wirq_task_join(a), wirq_task_join(b), wirq_task_join(c);
  say("try: %d %d\n", wirq_semaphore_try_take(&semaphore), wirq_semaphore_try_take(&semaphore));
}

/* Mutexes: who holds one is as urgent as who waits, through a chain of two, and only as long as that lasts. */
static void low(void *nothing) {
  wirq_mutex_lock(&inner);
  wirq_mutex_lock(&mutex);
  wirq_task_sleep(20000000);
  say("low at %d\n", wirq_task_get_priority(wirq_task_current()));
  wirq_mutex_unlock(&mutex);
  say("low at %d\n", wirq_task_get_priority(wirq_task_current()));
  wirq_mutex_unlock(&inner);
  say("low at %d\n", wirq_task_get_priority(wirq_task_current()));
}
static void middle(void *nothing) {
  wirq_mutex_lock(&mutex);
  say("middle has it, at %d\n", wirq_task_get_priority(wirq_task_current()));
  wirq_mutex_unlock(&mutex);
}
static void high(void *nothing) {
  wirq_mutex_lock(&inner);
  say("high has it, at %d\n", wirq_task_get_priority(wirq_task_current()));
  wirq_mutex_unlock(&inner);
}
static void spins(void *nothing) {
  for (volatile int i = 0; i < 1000; i++) {}
  say("spun\n");
}

static void mutexes(void) {
  int a = start(low, 0, 120);
  wirq_task_sleep(100);
  say("try: %d\n", wirq_mutex_try_lock(&mutex));
  int b = start(middle, 0, 60);
  int c = start(high, 0, 20);
  int d = start(spins, 0, 100);
  wirq_task_join(a), wirq_task_join(b), wirq_task_join(c), wirq_task_join(d);
}

/* A chain: high waits for inner, whose owner waits for mutex, whose owner then is as urgent as high. */
static void outer_owner(void *nothing) {
  wirq_mutex_lock(&mutex);
  wirq_task_sleep(20000000);
  say("outer owner at %d\n", wirq_task_get_priority(wirq_task_current()));
  wirq_mutex_unlock(&mutex);
}
static void link(void *nothing) {
  wirq_mutex_lock(&inner);
  wirq_mutex_lock(&mutex);
  say("link at %d\n", wirq_task_get_priority(wirq_task_current()));
  wirq_mutex_unlock(&mutex);
  wirq_mutex_unlock(&inner);
}
static void chain(void) {
  int a = start(outer_owner, 0, 127);
  wirq_task_sleep(100);
  int b = start(link, 0, 126);
  wirq_task_sleep(100);
  int c = start(high, 0, 20);
  wirq_task_join(a), wirq_task_join(b), wirq_task_join(c);
}

/* Queues */
static void sends(void *argument) {
  for (int i = 0; i < 5; i++) {
    int item = (int)argument + i;
    wirq_queue_send(&queue, &item);
    sent++;
  }
}
static void meets(void *argument) {
  int item = (int)argument;
  wirq_queue_send(&meeting, &item);
  say("%d was taken\n", item);
}

static void queues(void) {
  int a = start(sends, 10, 120), item;
  say("sent %d before anybody received\n", sent);
  for (int i = 0; i < 5; i++) {
    wirq_queue_receive(&queue, &item);
    say("received %d, sent %d\n", item, sent);
  }
  say("more: %d\n", wirq_queue_try_receive(&queue, &item));
  wirq_task_join(a);
  for (item = 20; wirq_queue_try_send(&queue, &item); item++) {}
  say("room for %d\n", item - 20);
  a = start(meets, 7, 120);
  int b = start(meets, 8, 119);
  item = 9;
  say("nobody receives: %d\n", wirq_queue_try_send(&meeting, &item));
  wirq_queue_receive(&meeting, &item);
  say("met %d\n", item);
  wirq_queue_receive(&meeting, &item);
  say("met %d\n", item);
  wirq_task_join(a), wirq_task_join(b);
}

/* Event flags */
static void any(void *nothing) {
  uint32_t flags = wirq_events_wait(&events, 3, WIRQ_EVENTS_ANY);
  say("any: %x\n", flags);
}
static void all(void *nothing) {
  uint32_t flags = wirq_events_wait(&events, 6, WIRQ_EVENTS_ALL);
  say("all: %x\n", flags);
}
static void keeps(void *nothing) {
  uint32_t flags = wirq_events_wait(&events, 4, WIRQ_EVENTS_KEEP);
  say("keeps: %x\n", flags);
}

static void flags(void) {
  int a = start(any, 0, 120), b = start(all, 0, 120), c = start(keeps, 0, 120);
  wirq_events_set(&events, 8);
  wirq_events_set(&events, 2);
  say("left: %x\n", wirq_events_get(&events));
  wirq_events_set(&events, 4);
  say("left: %x\n", wirq_events_get(&events));
  wirq_events_set(&events, 2);
  say("left: %x\n", wirq_events_get(&events));
  wirq_task_join(a), wirq_task_join(b), wirq_task_join(c);
  say("at once: %x\n", wirq_events_wait(&events, 8, WIRQ_EVENTS_ALL));
  say("cleared: %x\n", wirq_events_clear(&events, ~0u));
}

/* Handlers: a timer's readings, one semaphore and one flag. */
WIRQ_HANDLER(IRQ3_Handler) {
  static uint64_t reading;
  reading += 0x100000001;
  if (!wirq_queue_try_send(&readings, &reading)) wirq_events_set(&events, 0x10);
  wirq_semaphore_give(&semaphore);
}

static void handlers(void) {
  NVIC_EnableIRQ(3);
  for (int i = 0; i < 3; i++) {
    uint64_t reading;
    wirq_queue_receive(&readings, &reading);
    wirq_semaphore_take(&semaphore);
    say("reading %llx\n", (unsigned long long)reading);
  }
  uint32_t full = wirq_events_wait(&events, 0x10, WIRQ_EVENTS_ANY);
  say("full: %x\n", full);
  NVIC_DisableIRQ(3);
}

int main(void) {
  semaphores();
  mutexes();
  chain();
  queues();
  flags();
  handlers();
  return 0;
}
