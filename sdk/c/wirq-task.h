/*
 * Tasks and stacks for firmware in C: the imports of wirq/task and wirq/stack, and a semaphore and a mutex written on park
 * and wake. Priorities: 0 is the most urgent, 255 the least; the main task has 128. See docs/stacks.md.
 */
#ifndef WIRQ_TASK_H
#define WIRQ_TASK_H

#include "wirq.h"

WIRQ_IMPORT("wirq/task", "spawn") int32_t wirq_task_spawn_index(int32_t fn, int32_t argument, int32_t priority);
WIRQ_IMPORT("wirq/task", "current") int32_t wirq_task_current(void);
WIRQ_IMPORT("wirq/task", "yield") void wirq_task_yield(void);
WIRQ_IMPORT("wirq/task", "sleep") void wirq_task_sleep(int64_t ns);
WIRQ_IMPORT("wirq/task", "join") int32_t wirq_task_join(int32_t task);
WIRQ_IMPORT("wirq/task", "exit") void wirq_task_exit(int32_t code);
WIRQ_IMPORT("wirq/task", "set_priority") void wirq_task_set_priority(int32_t task, int32_t priority);
WIRQ_IMPORT("wirq/task", "get_priority") int32_t wirq_task_get_priority(int32_t task);
WIRQ_IMPORT("wirq/task", "park") void wirq_task_park(void);
WIRQ_IMPORT("wirq/task", "wake") void wirq_task_wake(int32_t task);
WIRQ_IMPORT("wirq/task", "kill") void wirq_task_kill(int32_t task, int32_t code);

WIRQ_IMPORT("wirq/stack", "new") int32_t wirq_stack_new_index(int32_t fn, int32_t argument);
WIRQ_IMPORT("wirq/stack", "switch") void wirq_stack_switch(int32_t stack);
WIRQ_IMPORT("wirq/stack", "current") int32_t wirq_stack_current(void);
WIRQ_IMPORT("wirq/stack", "alive") int32_t wirq_stack_alive(int32_t stack);
WIRQ_IMPORT("wirq/stack", "free") void wirq_stack_free(int32_t stack);
WIRQ_IMPORT("wirq/stack", "exit") void wirq_stack_exit(int32_t stack);

/* A function's address is its index in the table. */
static inline int32_t wirq_task_spawn(void (*fn)(void *), void *argument, int32_t priority) {
  return wirq_task_spawn_index((int32_t)(uintptr_t)fn, (int32_t)(uintptr_t)argument, priority);
}
static inline int32_t wirq_stack_new(void (*fn)(void *), void *argument) {
  return wirq_stack_new_index((int32_t)(uintptr_t)fn, (int32_t)(uintptr_t)argument);
}

/* The size of every stack of tasks and side stacks, in bytes (8192 unless said). Link with -Wl,--export=wirq_stack_bytes. */
#define WIRQ_STACK_BYTES(bytes) __attribute__((used)) uint32_t wirq_stack_bytes = (bytes)

/* Who waits, in the order of coming. Lives on the waiter's stack. */
struct wirq_waiter {
  struct wirq_waiter *next;
  int32_t task;
  volatile int32_t granted;
};

/* The most urgent waiter, taken out of the list; NULL if there is none. */
static inline struct wirq_waiter *wirq_take_waiter(struct wirq_waiter **list) {
  struct wirq_waiter **best = list;
  if (*list == 0) return 0;
  for (struct wirq_waiter **at = &(*list)->next; *at != 0; at = &(*at)->next)
    if (wirq_task_get_priority((*at)->task) < wirq_task_get_priority((*best)->task)) best = at;
  struct wirq_waiter *found = *best;
  *best = found->next;
  return found;
}

/* Waits until somebody grants it. Call with PRIMASK set, and its old value. */
static inline void wirq_wait_in(struct wirq_waiter **list, struct wirq_waiter *self, int32_t mask) {
  self->next = 0;
  self->task = wirq_task_current();
  self->granted = 0;
  while (*list != 0) list = &(*list)->next;
  *list = self;
  wirq_irq_set_primask(mask);
  while (!self->granted) wirq_task_park();
}

/* A counting semaphore: give from tasks and handlers, take from tasks. */
typedef struct {
  int32_t count;
  struct wirq_waiter *waiters;
} wirq_semaphore;

static inline void wirq_semaphore_take(wirq_semaphore *semaphore) {
  int32_t mask = wirq_irq_set_primask(1);
  if (semaphore->count > 0) {
    semaphore->count--;
    wirq_irq_set_primask(mask);
    return;
  }
  struct wirq_waiter self;
  wirq_wait_in(&semaphore->waiters, &self, mask);
}

static inline void wirq_semaphore_give(wirq_semaphore *semaphore) {
  int32_t mask = wirq_irq_set_primask(1);
  struct wirq_waiter *waiter = wirq_take_waiter(&semaphore->waiters);
  if (waiter == 0) semaphore->count++;
  else {
    waiter->granted = 1;
    wirq_task_wake(waiter->task);
  }
  wirq_irq_set_primask(mask);
}

/*
 * A mutex with priority inheritance: its owner is as urgent as the most urgent task that waits for it. Not recursive, and
 * for one at a time: who holds two gives the inherited priority back with the first.
 */
typedef struct {
  int32_t held;
  int32_t owner;
  int32_t owner_priority;
  struct wirq_waiter *waiters;
} wirq_mutex;

static inline void wirq_mutex_lock(wirq_mutex *mutex) {
  int32_t mask = wirq_irq_set_primask(1);
  int32_t priority = wirq_task_get_priority(wirq_task_current());
  if (!mutex->held) {
    mutex->held = 1;
    mutex->owner = wirq_task_current();
    mutex->owner_priority = priority;
    wirq_irq_set_primask(mask);
    return;
  }
  if (priority < wirq_task_get_priority(mutex->owner)) wirq_task_set_priority(mutex->owner, priority);
  struct wirq_waiter self;
  wirq_wait_in(&mutex->waiters, &self, mask);
}

static inline void wirq_mutex_unlock(wirq_mutex *mutex) {
  int32_t mask = wirq_irq_set_primask(1);
  wirq_task_set_priority(mutex->owner, mutex->owner_priority);
  struct wirq_waiter *waiter = wirq_take_waiter(&mutex->waiters);
  if (waiter == 0) mutex->held = 0;
  else {
    mutex->owner = waiter->task;
    mutex->owner_priority = wirq_task_get_priority(waiter->task);
    waiter->granted = 1;
    wirq_task_wake(waiter->task);
  }
  wirq_irq_set_primask(mask);
}

#endif
