/** @file sys/time.h wasi-libc's, with interval timers (POSIX.1-2017, getitimer: POSIX.1-2024 has them no longer). */
#ifndef __WIRQ_SYS_TIME_H
#define __WIRQ_SYS_TIME_H

#pragma GCC system_header

#include_next <sys/time.h>

#include <errno.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2

struct itimerval {
  struct timeval it_interval;
  struct timeval it_value;
};

#define __WIRQ_ITIMER(name) __attribute__((import_module("wirq/signal"), import_name(#name)))
__WIRQ_ITIMER(setitimer) int __wirq_setitimer(int, const struct itimerval *, struct itimerval *);
__WIRQ_ITIMER(getitimer) int __wirq_getitimer(int, struct itimerval *);

static inline int __wirq_itimer_answer(int result) {
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

__attribute__((weak)) int setitimer(int which, const struct itimerval *__restrict to, struct itimerval *__restrict old) {
  return __wirq_itimer_answer(__wirq_setitimer(which, to, old));
}

__attribute__((weak)) int getitimer(int which, struct itimerval *current) {
  return __wirq_itimer_answer(__wirq_getitimer(which, current));
}

#ifdef __cplusplus
}
#endif

#endif
