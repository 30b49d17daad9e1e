/**
 * @file sys/select.h
 * wasi-libc's, with select and pselect that a signal ends (POSIX.1-2024). Exceptional conditions never come.
 * As on Linux, select shortens its timeout by the time that has passed.
 */
#ifndef __WIRQ_SYS_SELECT_H
#define __WIRQ_SYS_SELECT_H

#pragma GCC system_header

#include_next <sys/select.h>

#include <poll.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline int __wirq_select(int count, fd_set *reads, fd_set *writes, fd_set *others, long long timeout_ns,
                                const sigset_t *mask) {
  struct pollfd fds[__WIRQ_POLL_MAX];
  nfds_t used = 0;
  if (count < 0 || count > FD_SETSIZE) return -EINVAL;
  for (int fd = 0; fd < count; fd++) {
    short events = 0;
    if (reads != (fd_set *)0 && FD_ISSET(fd, reads)) events |= POLLIN;
    if (writes != (fd_set *)0 && FD_ISSET(fd, writes)) events |= POLLOUT;
    if (events == 0) continue;
    if (used == __WIRQ_POLL_MAX) return -EINVAL;
    fds[used].fd = fd;
    fds[used++].events = events;
  }
  int result = __wirq_poll(fds, used, timeout_ns, mask);
  if (result < 0) return result;
  for (nfds_t i = 0; i < used; i++)
    if (fds[i].revents & POLLNVAL) return -EBADF;
  if (reads != (fd_set *)0) FD_ZERO(reads);
  if (writes != (fd_set *)0) FD_ZERO(writes);
  if (others != (fd_set *)0) FD_ZERO(others);
  result = 0;
  for (nfds_t i = 0; i < used; i++) {
    if ((fds[i].events & POLLIN) && (fds[i].revents & ~POLLOUT)) {
      FD_SET(fds[i].fd, reads);
      result++;
    }
    if ((fds[i].events & POLLOUT) && (fds[i].revents & (POLLOUT | POLLERR))) {
      FD_SET(fds[i].fd, writes);
      result++;
    }
  }
  return result;
}

__attribute__((weak)) int pselect(int count, fd_set *__restrict reads, fd_set *__restrict writes,
                                  fd_set *__restrict others, const struct timespec *__restrict timeout,
                                  const sigset_t *__restrict mask) {
  if (timeout != (const struct timespec *)0 &&
      (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec > 999999999))
    return __wirq_poll_answer(-EINVAL);
  long long ns = timeout == (const struct timespec *)0 ? -1 : timeout->tv_sec * 1000000000 + timeout->tv_nsec;
  return __wirq_poll_answer(__wirq_select(count, reads, writes, others, ns, mask));
}

__attribute__((weak)) int select(int count, fd_set *__restrict reads, fd_set *__restrict writes,
                                 fd_set *__restrict others, struct timeval *__restrict timeout) {
  if (timeout == (struct timeval *)0)
    return __wirq_poll_answer(__wirq_select(count, reads, writes, others, -1, (const sigset_t *)0));
  if (timeout->tv_sec < 0 || timeout->tv_usec < 0) return __wirq_poll_answer(-EINVAL);
  long long ns = timeout->tv_sec * 1000000000 + timeout->tv_usec * 1000;
  __wasi_timestamp_t began = 0, ended = 0;
  __wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &began);
  int result = __wirq_select(count, reads, writes, others, ns, (const sigset_t *)0);
  __wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &ended);
  long long left = ns - (long long)(ended - began);
  if (left < 0) left = 0;
  timeout->tv_sec = left / 1000000000;
  timeout->tv_usec = left % 1000000000 / 1000;
  return __wirq_poll_answer(result);
}

#ifdef __cplusplus
}
#endif

#endif
