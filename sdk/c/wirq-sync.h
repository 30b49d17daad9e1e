/*
 * What tasks wait for each other with: semaphores, mutexes with priority inheritance, queues and event flags, written on
 * wirq/task's park and wake. Everything is an inline function over memory of the firmware's own, which begins as zeros. Who
 * waits longest is served first among equals, the most urgent task before others.
 *
 * Tasks may call everything, handlers what does not wait: wirq_semaphore_give, wirq_..._try_..., wirq_events_set and so on. A
 * handler that waits stops the machine, which names it. While one of these works, PRIMASK is set.
 */
#ifndef WIRQ_SYNC_H
#define WIRQ_SYNC_H

#include "wirq-task.h"

/* Who waits, in the order of coming. Lives on the waiter's stack. */
struct wirq_waiter {
  struct wirq_waiter *next;
  int32_t task;
  volatile int32_t granted;
  /* Of a queue: where the item is, or is to go. */
  void *item;
  /* Of event flags: what is waited for and how, and then what there was. */
  uint32_t flags;
  uint32_t options;
};

static inline void wirq_take_out(struct wirq_waiter **list, struct wirq_waiter *waiter) {
  while (*list != waiter) list = &(*list)->next;
  *list = waiter->next;
}

/* The most urgent waiter; NULL if there is none. */
static inline struct wirq_waiter *wirq_most_urgent(struct wirq_waiter *list) {
  struct wirq_waiter *best = list;
  for (struct wirq_waiter *at = list; at != 0; at = at->next)
    if (wirq_task_get_priority(at->task) < wirq_task_get_priority(best->task)) best = at;
  return best;
}

/* The same, taken out of the list. */
static inline struct wirq_waiter *wirq_take_waiter(struct wirq_waiter **list) {
  struct wirq_waiter *best = wirq_most_urgent(*list);
  if (best != 0) wirq_take_out(list, best);
  return best;
}

static inline void wirq_enter_list(struct wirq_waiter **list, struct wirq_waiter *self) {
  self->next = 0;
  self->task = wirq_task_current();
  self->granted = 0;
  while (*list != 0) list = &(*list)->next;
  *list = self;
}

static inline void wirq_grant(struct wirq_waiter *waiter) {
  int32_t task = waiter->task;
  waiter->granted = 1; /* from here on it may be gone */
  wirq_task_wake(task);
}

/* Waits until somebody grants it. Call with PRIMASK set, and its old value. */
static inline void wirq_wait_granted(struct wirq_waiter *self, int32_t mask) {
  wirq_irq_set_primask(mask);
  while (!self->granted) wirq_task_park();
}

/* ------------------------------------------------------------------------------------------------------------------
 * A counting semaphore
 * --------------------------------------------------------------------------------------------------------------- */

typedef struct {
  int32_t count;
  struct wirq_waiter *waiters;
} wirq_semaphore;

/* Takes one if there is one. For handlers too. Returns whether. */
static inline bool wirq_semaphore_try_take(wirq_semaphore *semaphore) {
  int32_t mask = wirq_irq_set_primask(1);
  bool taken = semaphore->count > 0;
  if (taken) semaphore->count--;
  wirq_irq_set_primask(mask);
  return taken;
}

static inline void wirq_semaphore_take(wirq_semaphore *semaphore) {
  int32_t mask = wirq_irq_set_primask(1);
  if (semaphore->count > 0) {
    semaphore->count--;
    wirq_irq_set_primask(mask);
    return;
  }
  struct wirq_waiter self;
  wirq_enter_list(&semaphore->waiters, &self);
  wirq_wait_granted(&self, mask);
}

/* For handlers too. */
static inline void wirq_semaphore_give(wirq_semaphore *semaphore) {
  int32_t mask = wirq_irq_set_primask(1);
  struct wirq_waiter *waiter = wirq_take_waiter(&semaphore->waiters);
  if (waiter == 0) semaphore->count++;
  else wirq_grant(waiter);
  wirq_irq_set_primask(mask);
}

/* ------------------------------------------------------------------------------------------------------------------
 * A mutex with priority inheritance, for tasks: its owner is as urgent as the most urgent task that waits for any mutex
 * that it holds, and so is whom the owner itself waits for. Not recursive: locking it twice traps, as does unlocking what
 * another task holds. Priorities that are set by hand while a mutex is held last until the next unlock.
 * --------------------------------------------------------------------------------------------------------------- */

typedef struct wirq_mutex {
  bool held;
  int32_t owner;
  /* The owner's own priority. */
  int32_t own_priority;
  struct wirq_waiter *waiters;
  struct wirq_mutex *next_held;
} wirq_mutex;

/* All that are held. */
__attribute__((weak)) wirq_mutex *wirq_held_mutexes;

/* What a task's own priority is, apart from what it has inherited. */
static inline int32_t wirq_own_priority(int32_t task) {
  for (wirq_mutex *at = wirq_held_mutexes; at != 0; at = at->next_held)
    if (at->owner == task) return at->own_priority;
  return wirq_task_get_priority(task);
}

/* Gives a task the priority that follows from its own and from who waits for what it holds. */
static inline void wirq_settle_priority(int32_t task, int32_t own) {
  int32_t priority = own;
  for (wirq_mutex *at = wirq_held_mutexes; at != 0; at = at->next_held) {
    if (at->owner != task || at->waiters == 0) continue;
    int32_t waiting = wirq_task_get_priority(wirq_most_urgent(at->waiters)->task);
    if (waiting < priority) priority = waiting;
  }
  if (priority != wirq_task_get_priority(task)) wirq_task_set_priority(task, priority);
}

/* The mutex that a task waits for; NULL if it waits for none. */
static inline wirq_mutex *wirq_awaited_mutex(int32_t task) {
  for (wirq_mutex *at = wirq_held_mutexes; at != 0; at = at->next_held)
    for (struct wirq_waiter *waiter = at->waiters; waiter != 0; waiter = waiter->next)
      if (waiter->task == task) return at;
  return 0;
}

static inline void wirq_own_mutex(wirq_mutex *mutex, int32_t task) {
  mutex->own_priority = wirq_own_priority(task);
  mutex->held = true;
  mutex->owner = task;
  mutex->next_held = wirq_held_mutexes;
  wirq_held_mutexes = mutex;
}

static inline bool wirq_mutex_try_lock(wirq_mutex *mutex) {
  int32_t mask = wirq_irq_set_primask(1);
  bool locked = !mutex->held;
  if (locked) wirq_own_mutex(mutex, wirq_task_current());
  wirq_irq_set_primask(mask);
  return locked;
}

static inline void wirq_mutex_lock(wirq_mutex *mutex) {
  int32_t mask = wirq_irq_set_primask(1);
  int32_t task = wirq_task_current();
  if (!mutex->held) {
    wirq_own_mutex(mutex, task);
    wirq_irq_set_primask(mask);
    return;
  }
  if (mutex->owner == task) __builtin_trap();
  struct wirq_waiter self;
  wirq_enter_list(&mutex->waiters, &self);
  int32_t priority = wirq_task_get_priority(task);
  for (wirq_mutex *at = mutex; at != 0; at = wirq_awaited_mutex(at->owner)) {
    if (wirq_task_get_priority(at->owner) <= priority) break;
    wirq_task_set_priority(at->owner, priority);
  }
  wirq_wait_granted(&self, mask);
}

static inline void wirq_mutex_unlock(wirq_mutex *mutex) {
  int32_t mask = wirq_irq_set_primask(1);
  int32_t task = mutex->owner;
  if (!mutex->held || task != wirq_task_current()) __builtin_trap();
  wirq_mutex **at = &wirq_held_mutexes;
  while (*at != mutex) at = &(*at)->next_held;
  *at = mutex->next_held;
  int32_t own = mutex->own_priority;
  mutex->held = false;
  struct wirq_waiter *waiter = wirq_take_waiter(&mutex->waiters);
  if (waiter != 0) {
    wirq_own_mutex(mutex, waiter->task);
    wirq_settle_priority(waiter->task, mutex->own_priority);
    wirq_grant(waiter);
  }
  wirq_settle_priority(task, own);
  wirq_irq_set_primask(mask);
}

/* ------------------------------------------------------------------------------------------------------------------
 * A queue of items of one size, copied in and out. With a capacity of 0, who sends waits for who receives.
 * --------------------------------------------------------------------------------------------------------------- */

typedef struct {
  void *buffer;
  uint32_t item_bytes;
  uint32_t capacity;
  uint32_t count;
  uint32_t first;
  struct wirq_waiter *senders;
  struct wirq_waiter *receivers;
} wirq_queue;

/* Defines a queue: WIRQ_QUEUE(readings, struct reading, 16); */
#define WIRQ_QUEUE(name, type, places)               \
  static type name##_buffer[(places) > 0 ? (places) : 1]; \
  static wirq_queue name = {name##_buffer, sizeof(type), (places), 0, 0, 0, 0}

static inline void *wirq_queue_place(wirq_queue *queue, uint32_t at) {
  return (uint8_t *)queue->buffer + (queue->first + at) % queue->capacity * queue->item_bytes;
}

/* To who waits for it, else into the buffer. Call with PRIMASK set. */
static inline bool wirq_queue_put(wirq_queue *queue, const void *item) {
  struct wirq_waiter *receiver = wirq_take_waiter(&queue->receivers);
  if (receiver != 0) {
    __builtin_memcpy(receiver->item, item, queue->item_bytes);
    wirq_grant(receiver);
    return true;
  }
  if (queue->count == queue->capacity) return false;
  __builtin_memcpy(wirq_queue_place(queue, queue->count++), item, queue->item_bytes);
  return true;
}

/* From the buffer, which who waits to send then fills up; else from who waits. Call with PRIMASK set. */
static inline bool wirq_queue_get(wirq_queue *queue, void *item) {
  struct wirq_waiter *sender;
  if (queue->count > 0) {
    __builtin_memcpy(item, wirq_queue_place(queue, 0), queue->item_bytes);
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    sender = wirq_take_waiter(&queue->senders);
    if (sender != 0) __builtin_memcpy(wirq_queue_place(queue, queue->count++), sender->item, queue->item_bytes);
  } else {
    sender = wirq_take_waiter(&queue->senders);
    if (sender == 0) return false;
    __builtin_memcpy(item, sender->item, queue->item_bytes);
  }
  if (sender != 0) wirq_grant(sender);
  return true;
}

/* Sends if there is room. For handlers too. Returns whether. */
static inline bool wirq_queue_try_send(wirq_queue *queue, const void *item) {
  int32_t mask = wirq_irq_set_primask(1);
  bool sent = wirq_queue_put(queue, item);
  wirq_irq_set_primask(mask);
  return sent;
}

/* Receives if there is something. For handlers too. Returns whether. */
static inline bool wirq_queue_try_receive(wirq_queue *queue, void *item) {
  int32_t mask = wirq_irq_set_primask(1);
  bool received = wirq_queue_get(queue, item);
  wirq_irq_set_primask(mask);
  return received;
}

static inline void wirq_queue_send(wirq_queue *queue, const void *item) {
  int32_t mask = wirq_irq_set_primask(1);
  if (wirq_queue_put(queue, item)) {
    wirq_irq_set_primask(mask);
    return;
  }
  struct wirq_waiter self;
  self.item = (void *)item;
  wirq_enter_list(&queue->senders, &self);
  wirq_wait_granted(&self, mask);
}

static inline void wirq_queue_receive(wirq_queue *queue, void *item) {
  int32_t mask = wirq_irq_set_primask(1);
  if (wirq_queue_get(queue, item)) {
    wirq_irq_set_primask(mask);
    return;
  }
  struct wirq_waiter self;
  self.item = item;
  wirq_enter_list(&queue->receivers, &self);
  wirq_wait_granted(&self, mask);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Event flags: 32 bits that tasks wait for, any or all of some
 * --------------------------------------------------------------------------------------------------------------- */

typedef struct {
  uint32_t flags;
  struct wirq_waiter *waiters;
} wirq_events;

/* Options of a wait: for any of the bits; for all of them; without clearing what was waited for. */
#define WIRQ_EVENTS_ANY 0u
#define WIRQ_EVENTS_ALL 1u
#define WIRQ_EVENTS_KEEP 2u

static inline bool wirq_events_suffice(uint32_t flags, uint32_t wanted, uint32_t options) {
  return options & WIRQ_EVENTS_ALL ? (flags & wanted) == wanted : (flags & wanted) != 0;
}

static inline uint32_t wirq_events_get(wirq_events *events) { return events->flags; }

/* For handlers too. Returns what there was before. */
static inline uint32_t wirq_events_clear(wirq_events *events, uint32_t bits) {
  int32_t mask = wirq_irq_set_primask(1);
  uint32_t before = events->flags;
  events->flags &= ~bits;
  wirq_irq_set_primask(mask);
  return before;
}

/*
 * For handlers too. Everybody who waits for what there is then goes on, and sees the same flags; after that the bits are
 * cleared that they waited for.
 */
static inline void wirq_events_set(wirq_events *events, uint32_t bits) {
  int32_t mask = wirq_irq_set_primask(1);
  uint32_t flags = events->flags |= bits;
  uint32_t taken = 0;
  for (struct wirq_waiter *at = events->waiters, *next; at != 0; at = next) {
    next = at->next;
    if (!wirq_events_suffice(flags, at->flags, at->options)) continue;
    if (!(at->options & WIRQ_EVENTS_KEEP)) taken |= at->flags;
    at->flags = flags;
    wirq_take_out(&events->waiters, at);
    wirq_grant(at);
  }
  events->flags &= ~taken;
  wirq_irq_set_primask(mask);
}

/* Waits for bits. Returns all flags that there were when the wait ended. */
static inline uint32_t wirq_events_wait(wirq_events *events, uint32_t bits, uint32_t options) {
  int32_t mask = wirq_irq_set_primask(1);
  uint32_t flags = events->flags;
  if (wirq_events_suffice(flags, bits, options)) {
    if (!(options & WIRQ_EVENTS_KEEP)) events->flags &= ~bits;
    wirq_irq_set_primask(mask);
    return flags;
  }
  struct wirq_waiter self;
  self.flags = bits;
  self.options = options;
  wirq_enter_list(&events->waiters, &self);
  wirq_wait_granted(&self, mask);
  return self.flags;
}

#endif
