/**
 * @file ucontext.h
 * What a handler with SA_SIGINFO gets as its third argument (POSIX.1-2001, <ucontext.h>; layout in docs/signals.md).
 * A handler may change uc_sigmask: the mask is that after its return, as on Linux. The rest is for reading.
 *
 * And contexts that a program switches between (POSIX.1-2001, getcontext, makecontext, swapcontext), on the stacks of
 * wirq/stack. What Wasm cannot give is that a call returns twice: setcontext and swapcontext go to a context that makecontext
 * made or that swapcontext left, not back into the middle of the stack that runs, which getcontext alone remembers (-1,
 * ENOTSUP), nor to one that has ended (-1, EINVAL). uc_stack is not used: the machine has stacks of its own, of 8192 bytes
 * unless the program exports wirq_stack_bytes. A context's function has exactly as many int or pointer parameters as
 * makecontext is told, up to eight. A context that a task was left by belongs to that task. Not in handlers of signals.
 */
#ifndef _UCONTEXT_H
#define _UCONTEXT_H

#pragma GCC system_header

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A Wasm machine has no registers to show but the stack pointer. */
typedef struct {
  unsigned long sp;
  unsigned long __reserved[3];
} mcontext_t;

typedef struct ucontext_t {
  unsigned long uc_flags;
  struct ucontext_t *uc_link;
  stack_t uc_stack;
  mcontext_t uc_mcontext;
  sigset_t uc_sigmask;
  /* From here on only in contexts of the program's own; handlers get what is above. */
  int __stack;    /* of wirq/stack: where it goes on */
  int __made;     /* the stack that makecontext made for it, */
  unsigned __own; /* if this says so: what getcontext is given is not initialised */
  void (*__function)(void);
  int __count;
  int __arguments[8];
} ucontext_t;

#define __WIRQ_STACK(name) __attribute__((import_module("wirq/stack"), import_name(#name)))

__WIRQ_STACK(new) int __wirq_stack_new(void (*fn)(void *), void *argument);
__WIRQ_STACK(switch) void __wirq_stack_switch(int stack);
__WIRQ_STACK(current) int __wirq_stack_current(void);
__WIRQ_STACK(alive) int __wirq_stack_alive(int stack);
__WIRQ_STACK(free) void __wirq_stack_free(int stack);
__WIRQ_STACK(exit) void __wirq_stack_exit(int stack);
__attribute__((import_module("wirq/task"), import_name("current"))) int __wirq_task_current(void);
__attribute__((import_module("wirq/task"), import_name("exit"))) void __wirq_task_exit(int code);

static inline unsigned __wirq_context_mark(const ucontext_t *context) {
  return (unsigned)(unsigned long)context ^ 0x57495251u;
}

__WIRQ_WEAK int getcontext(ucontext_t *context) {
  context->uc_flags = 0;
  context->uc_mcontext.sp = (unsigned long)__builtin_frame_address(0);
  context->__stack = __wirq_stack_current();
  return sigprocmask(SIG_BLOCK, (const sigset_t *)0, &context->uc_sigmask);
}

static inline int __wirq_context_refused(const ucontext_t *context) {
  if (context->__stack == __wirq_stack_current()) errno = ENOTSUP;
  else if (!__wirq_stack_alive(context->__stack)) errno = EINVAL;
  else return 0;
  return 1;
}

__WIRQ_WEAK int setcontext(const ucontext_t *context) {
  if (__wirq_context_refused(context)) return -1;
  sigprocmask(SIG_SETMASK, &context->uc_sigmask, (sigset_t *)0);
  /* Nobody can come back to a stack of makecontext's that is left this way. */
  if (__wirq_stack_current() == 0) __wirq_stack_switch(context->__stack);
  else __wirq_stack_exit(context->__stack);
  return 0;
}

__WIRQ_WEAK int swapcontext(ucontext_t *left, const ucontext_t *context) {
  if (__wirq_context_refused(context)) return -1;
  left->uc_flags = 0;
  left->uc_mcontext.sp = (unsigned long)__builtin_frame_address(0);
  left->__stack = __wirq_stack_current();
  sigprocmask(SIG_SETMASK, &context->uc_sigmask, &left->uc_sigmask);
  __wirq_stack_switch(context->__stack);
  return 0;
}

static inline void __wirq_context_call(void (*f)(void), int count, const int *a) {
  switch (count) {
    case 0: f(); break;
    case 1: ((void (*)(int))f)(a[0]); break;
    case 2: ((void (*)(int, int))f)(a[0], a[1]); break;
    case 3: ((void (*)(int, int, int))f)(a[0], a[1], a[2]); break;
    case 4: ((void (*)(int, int, int, int))f)(a[0], a[1], a[2], a[3]); break;
    case 5: ((void (*)(int, int, int, int, int))f)(a[0], a[1], a[2], a[3], a[4]); break;
    case 6: ((void (*)(int, int, int, int, int, int))f)(a[0], a[1], a[2], a[3], a[4], a[5]); break;
    case 7: ((void (*)(int, int, int, int, int, int, int))f)(a[0], a[1], a[2], a[3], a[4], a[5], a[6]); break;
    default:
      ((void (*)(int, int, int, int, int, int, int, int))f)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
  }
}

/* What a made context begins with. Without a link its end is that of the task, of the main task that of the program. */
__WIRQ_WEAK void __wirq_context_begin(void *made) {
  ucontext_t *context = (ucontext_t *)made;
  ucontext_t *link = context->uc_link;
  __wirq_context_call(context->__function, context->__count, context->__arguments);
  if (link != 0) {
    setcontext(link);
    abort(); /* the link is none */
  }
  if (__wirq_task_current() == 0) exit(0);
  __wirq_task_exit(0);
}

/* Traps for more than eight arguments. A stack that was made for the context before, and is not in use, is freed. */
__WIRQ_WEAK void makecontext(ucontext_t *context, void (*function)(void), int count, ...) {
  if (count < 0 || count > 8) __builtin_trap();
  int again = context->__own == __wirq_context_mark(context);
  if (again && __wirq_stack_alive(context->__made) && context->__made != __wirq_stack_current())
    __wirq_stack_free(context->__made);
  va_list list;
  va_start(list, count);
  for (int i = 0; i < count; i++) context->__arguments[i] = va_arg(list, int);
  va_end(list);
  context->__count = count;
  context->__function = function;
  context->__stack = context->__made = __wirq_stack_new(__wirq_context_begin, context);
  context->__own = __wirq_context_mark(context);
}

#ifdef __cplusplus
}
#endif

#endif
