/*
 * Tasks and stacks for firmware in C: the imports of wirq/task and wirq/stack. wirq-sync.h has semaphores, mutexes, queues
 * and event flags. Priorities: 0 is the most urgent, 255 the least; the main task has 128. See docs/stacks.md.
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
/* Ends a task wherever it is. What it has locked stays locked, and it must not wait for anything of wirq-sync.h. */
WIRQ_IMPORT("wirq/task", "kill") void wirq_task_kill(int32_t task, int32_t code);

WIRQ_IMPORT("wirq/stack", "new") int32_t wirq_stack_new_index(int32_t fn, int32_t argument);
WIRQ_IMPORT("wirq/stack", "switch") void wirq_stack_switch(int32_t stack);
WIRQ_IMPORT("wirq/stack", "current") int32_t wirq_stack_current(void);
WIRQ_IMPORT("wirq/stack", "alive") int32_t wirq_stack_alive(int32_t stack);
WIRQ_IMPORT("wirq/stack", "free") void wirq_stack_free(int32_t stack);
/* The stack that runs ends, and another goes on. */
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

#endif
