/**
 * @file unistd.h
 * wasi-libc's, with what signals need: alarm, ualarm, pause, getpid, and a sleep that a signal ends (POSIX.1-2024).
 * There is one process and one user: getppid and getuid answer constants.
 */
#ifndef __WIRQ_UNISTD_H
#define __WIRQ_UNISTD_H

#pragma GCC system_header

#ifndef _WASI_EMULATED_GETPID
#define _WASI_EMULATED_GETPID
#endif
#include_next <unistd.h>

#include <sys/time.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define __WIRQ_PROCESS(name) __attribute__((import_module("wirq/signal"), import_name(#name)))
__WIRQ_PROCESS(alarm) int __wirq_alarm(int);
__WIRQ_PROCESS(pause) int __wirq_pause(void);
__WIRQ_PROCESS(getpid) int __wirq_getpid(void);

__attribute__((weak)) unsigned alarm(unsigned seconds) { return (unsigned)__wirq_alarm((int)seconds); }

__attribute__((weak)) int pause(void) {
  errno = -__wirq_pause();
  return -1;
}

__attribute__((weak)) pid_t getpid(void) { return __wirq_getpid(); }

static inline pid_t getppid(void) { return 1; }
static inline pid_t getpgrp(void) { return getpid(); }
static inline uid_t getuid(void) { return 1000; }
static inline uid_t geteuid(void) { return 1000; }

#if defined(_POSIX_SOURCE) || defined(_POSIX_C_SOURCE) || defined(_XOPEN_SOURCE) || defined(_GNU_SOURCE) || \
    defined(_BSD_SOURCE)

/** @return the whole seconds that were not slept. */
__attribute__((weak)) unsigned sleep(unsigned seconds) {
  struct timespec time = {(time_t)seconds, 0};
  return nanosleep(&time, &time) == 0 ? 0 : (unsigned)time.tv_sec;
}

__attribute__((weak)) int usleep(unsigned us) {
  struct timespec time = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
  return nanosleep(&time, &time);
}

__attribute__((weak)) unsigned ualarm(unsigned us, unsigned interval_us) {
  struct itimerval to, old;
  to.it_value.tv_sec = us / 1000000;
  to.it_value.tv_usec = us % 1000000;
  to.it_interval.tv_sec = interval_us / 1000000;
  to.it_interval.tv_usec = interval_us % 1000000;
  if (setitimer(ITIMER_REAL, &to, &old) != 0) return (unsigned)-1;
  return (unsigned)(old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
}

#endif

#ifdef __cplusplus
}
#endif

#endif
