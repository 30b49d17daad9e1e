/**
 * @file ucontext.h
 * What a handler with SA_SIGINFO gets as its third argument (POSIX.1-2001, <ucontext.h>; layout in docs/signals.md).
 * A handler may change uc_sigmask: the mask is that after its return, as on Linux. The rest is for reading.
 */
#ifndef _UCONTEXT_H
#define _UCONTEXT_H

#pragma GCC system_header

#include <signal.h>

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
} ucontext_t;

#ifdef __cplusplus
}
#endif

#endif
