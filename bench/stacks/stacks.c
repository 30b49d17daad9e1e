// build: clang -isystem sdk/c -mexec-model=reactor -Wl,--export=wirq_stack_bytes
// Programs for stack-switching.ts that do little else but switch: a generator, two stacks that play ping-pong, many tasks that
// go round, a sieve of tasks and channels, and switches from the depth of a recursion. Each returns a checksum.
#include <wirq-task.h>
#define EXPORT(name) __attribute__((export_name(#name)))

__attribute__((import_module("bench"), import_name("parked"))) void parked(void);

WIRQ_STACK_BYTES(1024);

// A generator, and the same sum without one.

static volatile unsigned value;

static void counts(void *unused) {
  (void)unused;
  for (unsigned i = 0;; i++) {
    value = i;
    wirq_stack_switch(0);
  }
}

EXPORT(generator) unsigned generator(unsigned n) {
  int32_t stack = wirq_stack_new(counts, 0);
  unsigned sum = 0;
  for (unsigned i = 0; i < n; i++) {
    wirq_stack_switch(stack);
    sum += value;
  }
  wirq_stack_free(stack);
  return sum;
}

__attribute__((noinline)) static void count(unsigned i) { value = i; }

EXPORT(plain_sum) unsigned plain_sum(unsigned n) {
  unsigned sum = 0;
  for (unsigned i = 0; i < n; i++) {
    count(i);
    sum += value;
  }
  return sum;
}

// Two stacks that switch to each other, `n` times together.

static int32_t players[2];
static volatile unsigned left;

static void plays(void *other) {
  while (left > 0) {
    left--;
    wirq_stack_switch(players[(uintptr_t)other]);
  }
}

EXPORT(ping_pong) unsigned ping_pong(unsigned n) {
  left = n;
  players[0] = wirq_stack_new(plays, (void *)1);
  players[1] = wirq_stack_new(plays, (void *)0);
  wirq_stack_switch(players[0]);
  wirq_stack_free(players[0]);
  wirq_stack_free(players[1]);
  return left;
}

// Tasks that go round.

static volatile unsigned turns;

static void goes_round(void *rounds) {
  for (uintptr_t i = (uintptr_t)rounds; i > 0; i--) {
    turns++;
    wirq_task_yield();
  }
}

EXPORT(round_robin) unsigned round_robin(unsigned tasks, unsigned rounds) {
  static int32_t ids[10000];
  turns = 0;
  for (unsigned i = 0; i < tasks; i++) ids[i] = wirq_task_spawn(goes_round, (void *)(uintptr_t)rounds, 128);
  for (unsigned i = 0; i < tasks; i++) wirq_task_join(ids[i]);
  return turns;
}

// A sieve: a task for each prime takes numbers from a channel and hands on those that it does not divide.

struct channel {
  volatile unsigned number;
  volatile int32_t full, reader, writer;
};

static void wakes(volatile int32_t *who) {
  int32_t id = *who;
  *who = -1;
  if (id >= 0) wirq_task_wake(id);
}

static void put(struct channel *channel, unsigned number) {
  while (channel->full) {
    channel->writer = wirq_task_current();
    wirq_task_park();
  }
  channel->number = number;
  channel->full = 1;
  wakes(&channel->reader);
}

static unsigned take(struct channel *channel) {
  while (!channel->full) {
    channel->reader = wirq_task_current();
    wirq_task_park();
  }
  unsigned number = channel->number;
  channel->full = 0;
  wakes(&channel->writer);
  return number;
}

static struct channel channels[512];
static int32_t sifters[512];

static void counts_up(void *unused) {
  (void)unused;
  for (unsigned i = 2;; i++) put(&channels[0], i);
}

static void sifts(void *which) {
  struct channel *in = &channels[(uintptr_t)which];
  unsigned prime = in[1].number;
  for (;;) {
    unsigned number = take(in);
    if (number % prime != 0) put(&in[1], number);
  }
}

EXPORT(sieve) unsigned sieve(unsigned primes) {
  for (unsigned i = 0; i <= primes; i++) channels[i] = (struct channel){.reader = -1, .writer = -1};
  int32_t source = wirq_task_spawn(counts_up, 0, 128);
  unsigned prime = 0;
  for (unsigned i = 0; i < primes; i++) {
    prime = take(&channels[i]);
    channels[i + 1].number = prime;
    sifters[i] = wirq_task_spawn(sifts, (void *)(uintptr_t)i, 128);
  }
  wirq_task_kill(source, 0);
  for (unsigned i = 0; i < primes; i++) wirq_task_kill(sifters[i], 0);
  return prime;
}

// Switches from the depth of a recursion.

__attribute__((noinline)) static unsigned descends(unsigned depth) {
  if (depth > 1) return descends(depth - 1) * 3 + depth;
  while (left > 0) {
    left--;
    wirq_stack_switch(0);
  }
  return 1;
}

static void dives(void *depth) { value = descends((unsigned)(uintptr_t)depth); }

EXPORT(deep) unsigned deep(unsigned depth, unsigned n) {
  left = n;
  int32_t stack = wirq_stack_new(dives, (void *)(uintptr_t)depth);
  while (left > 0) wirq_stack_switch(stack);
  wirq_stack_free(stack);
  return left;
}

// Stacks that are begun and then left alone.

static void rests(void *unused) {
  (void)unused;
  for (;;) wirq_stack_switch(0);
}

EXPORT(park_many) unsigned park_many(unsigned n) {
  for (unsigned i = 0; i < n; i++) wirq_stack_switch(wirq_stack_new(rests, 0));
  parked();
  return n;
}
