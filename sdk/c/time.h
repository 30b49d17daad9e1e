/**
 * @file time.h
 * wasi-libc's, with timers (POSIX.1-2024, timer_create and its kin), CPU-time clocks, and sleeps that a signal ends:
 * wasi-libc's own answer ENOTSUP where POSIX says EINTR.
 */
#ifndef __WIRQ_TIME_H
#define __WIRQ_TIME_H

#pragma GCC system_header

#ifndef _WASI_EMULATED_PROCESS_CLOCKS
#define _WASI_EMULATED_PROCESS_CLOCKS
#endif
#include_next <time.h>

#if defined(_POSIX_SOURCE) || defined(_POSIX_C_SOURCE) || defined(_XOPEN_SOURCE) || defined(_GNU_SOURCE) || \
    defined(_BSD_SOURCE)

#include <errno.h>
#include <wasi/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sigevent;

#define __WIRQ_TIMER(name) __attribute__((import_module("wirq/signal"), import_name(#name)))
__WIRQ_TIMER(timer_create) int __wirq_timer_create(int, const struct sigevent *, int *);
__WIRQ_TIMER(timer_settime) int __wirq_timer_settime(int, int, const struct itimerspec *, struct itimerspec *);
__WIRQ_TIMER(timer_gettime) int __wirq_timer_gettime(int, struct itimerspec *);
__WIRQ_TIMER(timer_getoverrun) int __wirq_timer_getoverrun(int);
__WIRQ_TIMER(timer_delete) int __wirq_timer_delete(int);

/* wasi-libc's clock is the address of WASI's number for it. */
struct __wirq_clockid {
  unsigned id;
};
__attribute__((weak)) extern const struct __wirq_clockid __wirq_process_cpu_clock;
__attribute__((weak)) extern const struct __wirq_clockid __wirq_thread_cpu_clock;
__attribute__((weak)) const struct __wirq_clockid __wirq_process_cpu_clock = {2};
__attribute__((weak)) const struct __wirq_clockid __wirq_thread_cpu_clock = {3};
#define CLOCK_PROCESS_CPUTIME_ID ((clockid_t)&__wirq_process_cpu_clock)
#define CLOCK_THREAD_CPUTIME_ID ((clockid_t)&__wirq_thread_cpu_clock)

static inline unsigned __wirq_clock_number(clockid_t clock) { return ((const struct __wirq_clockid *)clock)->id; }

static inline int __wirq_timer_answer(int result) {
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

__attribute__((weak)) int timer_create(clockid_t clock, struct sigevent *__restrict event, timer_t *__restrict timer) {
  int id = 0;
  int result = __wirq_timer_answer(__wirq_timer_create((int)__wirq_clock_number(clock), event, &id));
  if (result == 0) *timer = (timer_t)id;
  return result;
}

__attribute__((weak)) int timer_settime(timer_t timer, int flags, const struct itimerspec *__restrict to,
                                        struct itimerspec *__restrict old) {
  return __wirq_timer_answer(__wirq_timer_settime((int)timer, flags, to, old));
}

__attribute__((weak)) int timer_gettime(timer_t timer, struct itimerspec *current) {
  return __wirq_timer_answer(__wirq_timer_gettime((int)timer, current));
}

__attribute__((weak)) int timer_getoverrun(timer_t timer) {
  return __wirq_timer_answer(__wirq_timer_getoverrun((int)timer));
}

__attribute__((weak)) int timer_delete(timer_t timer) { return __wirq_timer_answer(__wirq_timer_delete((int)timer)); }

/** CPU time in CLOCKS_PER_SEC: the program's work, without its sleep. */
__attribute__((weak)) clock_t clock(void) {
  struct timespec used;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return (clock_t)-1;
  return (clock_t)used.tv_sec * CLOCKS_PER_SEC + used.tv_nsec * (CLOCKS_PER_SEC / 1000000000);
}

__attribute__((weak)) int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
                                          struct timespec *left) {
  if (wanted->tv_sec < 0 || wanted->tv_nsec < 0 || wanted->tv_nsec > 999999999) return EINVAL;
  if (flags & ~TIMER_ABSTIME) return EINVAL;
  __wasi_timestamp_t ns = wanted->tv_sec > 9000000000
                              ? 9000000000000000000
                              : (__wasi_timestamp_t)wanted->tv_sec * 1000000000 + (__wasi_timestamp_t)wanted->tv_nsec;
  __wasi_timestamp_t began = 0, ended = 0;
  if (flags == 0 && left != (struct timespec *)0) __wasi_clock_time_get(1, 1, &began);
  __wasi_subscription_t subscription = {0};
  subscription.u.tag = __WASI_EVENTTYPE_CLOCK;
  subscription.u.u.clock.id = __wirq_clock_number(clock);
  subscription.u.u.clock.timeout = ns;
  subscription.u.u.clock.flags = flags ? __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME : 0;
  __wasi_event_t event;
  __wasi_size_t events;
  __wasi_errno_t error = __wasi_poll_oneoff(&subscription, &event, 1, &events);
  if (error == 0) return event.error;
  if (error == EINTR && flags == 0 && left != (struct timespec *)0) {
    __wasi_clock_time_get(1, 1, &ended);
    __wasi_timestamp_t slept = ended - began;
    __wasi_timestamp_t rest = slept < ns ? ns - slept : 0;
    left->tv_sec = (time_t)(rest / 1000000000);
    left->tv_nsec = (long)(rest % 1000000000);
  }
  return error;
}

__attribute__((weak)) int nanosleep(const struct timespec *wanted, struct timespec *left) {
  int error = clock_nanosleep(CLOCK_REALTIME, 0, wanted, left);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

#ifdef __cplusplus
}
#endif

#endif
#endif
