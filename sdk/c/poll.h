/**
 * @file poll.h
 * wasi-libc's, with poll and ppoll that a signal ends (POSIX.1-2024): ppoll waits under a mask of its own, which is
 * put in place and taken away in one step with the wait.
 */
#ifndef __WIRQ_POLL_H
#define __WIRQ_POLL_H

#pragma GCC system_header

#include_next <poll.h>

#include <errno.h>
#include <signal.h>
#include <wasi/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The next poll_oneoff waits under this mask, and puts the old one back. */
__attribute__((import_module("wirq/signal"), import_name("wait_mask"))) int __wirq_wait_mask(const sigset_t *);

/** At most this many descriptors at once, for want of a heap in a header. */
#define __WIRQ_POLL_MAX 64

static inline int __wirq_poll(struct pollfd *fds, nfds_t count, long long timeout_ns, const sigset_t *mask) {
  __wasi_subscription_t subscriptions[2 * __WIRQ_POLL_MAX + 1];
  __wasi_event_t events[2 * __WIRQ_POLL_MAX + 1];
  __wasi_size_t wanted = 0, found = 0;
  if (count > __WIRQ_POLL_MAX) return -EINVAL;
  for (nfds_t i = 0; i < count; i++) {
    fds[i].revents = 0;
    if (fds[i].fd < 0) continue;
    for (int writes = 0; writes < 2; writes++) {
      if (!(fds[i].events & (writes ? POLLWRNORM : POLLRDNORM))) continue;
      __wasi_subscription_t *one = &subscriptions[wanted++];
      __builtin_memset(one, 0, sizeof *one);
      one->userdata = i;
      one->u.tag = writes ? __WASI_EVENTTYPE_FD_WRITE : __WASI_EVENTTYPE_FD_READ;
      one->u.u.fd_read.file_descriptor = fds[i].fd;
    }
  }
  if (timeout_ns >= 0 || wanted == 0) {
    __wasi_subscription_t *one = &subscriptions[wanted++];
    __builtin_memset(one, 0, sizeof *one);
    one->u.tag = __WASI_EVENTTYPE_CLOCK;
    one->u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    one->u.u.clock.timeout = timeout_ns >= 0 ? (__wasi_timestamp_t)timeout_ns : 9000000000000000000;
  }
  if (mask != (const sigset_t *)0) {
    int refused = __wirq_wait_mask(mask);
    if (refused < 0) return refused;
  }
  __wasi_errno_t error = __wasi_poll_oneoff(subscriptions, events, wanted, &found);
  if (error != 0) return -error;
  int ready = 0;
  for (__wasi_size_t k = 0; k < found; k++) {
    if (events[k].type == __WASI_EVENTTYPE_CLOCK) continue;
    struct pollfd *one = &fds[events[k].userdata];
    if (one->revents == 0) ready++;
    if (events[k].error == __WASI_ERRNO_BADF) one->revents |= POLLNVAL;
    else if (events[k].error != 0) one->revents |= POLLERR;
    else if (events[k].type == __WASI_EVENTTYPE_FD_READ) one->revents |= POLLRDNORM;
    else one->revents |= POLLWRNORM;
    if (events[k].error == 0 && (events[k].fd_readwrite.flags & __WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP))
      one->revents |= POLLHUP;
  }
  return ready;
}

static inline int __wirq_poll_answer(int result) {
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

__attribute__((weak)) int poll(struct pollfd fds[], nfds_t count, int timeout_ms) {
  return __wirq_poll_answer(__wirq_poll(fds, count, timeout_ms < 0 ? -1 : timeout_ms * 1000000LL, (sigset_t *)0));
}

__attribute__((weak)) int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
  long long ns = timeout == (const struct timespec *)0 ? -1 : timeout->tv_sec * 1000000000 + timeout->tv_nsec;
  return __wirq_poll_answer(__wirq_poll(fds, count, ns, mask));
}

#ifdef __cplusplus
}
#endif

#endif
