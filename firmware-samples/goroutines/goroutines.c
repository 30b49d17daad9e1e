// Needs `wirq/task`: tasks that wait for each other in the middle of a call (--stacks wasmfx, jspi or asyncify).
// build: clang -Wl,--export=wirq_stack_bytes
// Goroutines and channels, as in the sieve that every page about Go shows: one task makes numbers, and behind it stands one
// task for each prime, which passes on what its prime does not divide. The channels have no room: who sends waits for who
// receives. Then a few workers share the work of one channel that has room.
#include <stdio.h>
#include <stdlib.h>
#include "wirq-sync.h"

WIRQ_STACK_BYTES(4096);

#define go(fn, argument) wirq_task_spawn(fn, argument, 128)

static wirq_queue *channel(uint32_t places) {
  wirq_queue *made = calloc(1, sizeof *made);
  made->item_bytes = sizeof(int);
  made->capacity = places;
  made->buffer = places == 0 ? NULL : calloc(places, sizeof(int));
  return made;
}
static void send(wirq_queue *to, int value) { wirq_queue_send(to, &value); }
static int receive(wirq_queue *from) {
  int value;
  wirq_queue_receive(from, &value);
  return value;
}

static void numbers(void *argument) {
  for (int n = 2;; n++) send(argument, n);
}

struct filter {
  wirq_queue *in, *out;
  int prime;
};

static void filter(void *argument) {
  struct filter *self = argument;
  for (;;) {
    int n = receive(self->in);
    if (n % self->prime != 0) send(self->out, n);
  }
}

static void sieve(int primes) {
  wirq_queue *from = channel(0);
  go(numbers, from);
  for (int i = 0; i < primes; i++) {
    struct filter *next = malloc(sizeof *next);
    *next = (struct filter){from, channel(0), receive(from)};
    printf("%d ", next->prime);
    go(filter, next);
    from = next->out;
  }
  puts("");
}

static wirq_queue *jobs, *results;

static void worker(void *argument) {
  for (int job; (job = receive(jobs)) >= 0;) {
    wirq_task_sleep(job * 1000000LL); // the work
    send(results, (int)argument * 100 + job);
  }
}

int main(void) {
  sieve(20);
  jobs = channel(8);
  results = channel(8);
  for (int i = 1; i <= 3; i++) go(worker, (void *)(intptr_t)i);
  for (int job = 8; job > 0; job--) send(jobs, job);
  for (int i = 0; i < 8; i++) {
    int result = receive(results);
    printf("worker %d did job %d\n", result / 100, result % 100);
  }
  for (int i = 0; i < 3; i++) send(jobs, -1);
  return 0;
}
