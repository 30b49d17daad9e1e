/**
 * @file setjmp.h
 * wasi-libc's, with sigsetjmp and siglongjmp that save and restore the mask of signals (POSIX.1-2024, siglongjmp).
 * Needs exceptions, as wasi-libc's does: `-mllvm -wasm-enable-sjlj -lsetjmp`.
 */
#ifndef __WIRQ_SETJMP_H
#define __WIRQ_SETJMP_H

#pragma GCC system_header

#include_next <setjmp.h>

#include <signal.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline void __wirq_save_mask(jmp_buf environment, int save) {
  environment->__fl = (unsigned long)save;
  if (save) sigprocmask(SIG_BLOCK, (const sigset_t *)0, (sigset_t *)environment->__ss);
}

#undef sigsetjmp
#define sigsetjmp(environment, save) (__wirq_save_mask(environment, save), setjmp(environment))

static inline __attribute__((noreturn)) void __wirq_siglongjmp(sigjmp_buf environment, int value) {
  if (environment->__fl) sigprocmask(SIG_SETMASK, (const sigset_t *)environment->__ss, (sigset_t *)0);
  longjmp(environment, value);
}
#undef siglongjmp
#define siglongjmp __wirq_siglongjmp

#ifdef __cplusplus
}
#endif

#endif
