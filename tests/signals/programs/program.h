/**
 * What every program in this folder includes: the standard headers, `say`, and words for what they all do.
 *
 * The programs run natively and as WebAssembly, and have to print the same on both. So they print no addresses, process
 * numbers, errno numbers or times, and wait for a flag that a handler sets, never for a number of iterations.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

typedef void (*handler_t)(int);
typedef void (*info_handler_t)(int, siginfo_t *, void *);

/** Prints a line, at once and whole; may be called from handlers, which standard I/O may not. */
UNUSED __attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
  char line[200];
  va_list rest;
  va_start(rest, format);
  int length = vsnprintf(line, sizeof line - 1, format, rest);
  va_end(rest);
  line[length++] = '\n';
  if (write(1, line, (size_t)length) != length) _exit(99);
}

/** The name of an errno: its numbers differ between Linux and WASI. */
UNUSED static const char *name_of(int error) {
  switch (error) {
    case 0: return "none";
    case EAGAIN: return "EAGAIN";
    case EFAULT: return "EFAULT";
    case EINTR: return "EINTR";
    case EINVAL: return "EINVAL";
    case ENOMEM: return "ENOMEM";
    case EPERM: return "EPERM";
    case ESRCH: return "ESRCH";
    default: return "another errno";
  }
}

/** Says what a call returned, and errno where it failed. */
UNUSED static void say_result(const char *call, int result) {
  int error = errno;
  if (result == -1) say("%s: -1 %s", call, name_of(error));
  else say("%s: %d", call, result);
}

/** A set of up to three signals; 0 for none. */
UNUSED static sigset_t set_of(int first, int second, int third) {
  sigset_t set;
  sigemptyset(&set);
  if (first != 0) sigaddset(&set, first);
  if (second != 0) sigaddset(&set, second);
  if (third != 0) sigaddset(&set, third);
  return set;
}

UNUSED static void block(int signal) {
  sigset_t set = set_of(signal, 0, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
}

UNUSED static void unblock(int signal) {
  sigset_t set = set_of(signal, 0, 0);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
}

UNUSED static int is_blocked(int signal) {
  sigset_t set;
  sigprocmask(SIG_BLOCK, NULL, &set);
  return sigismember(&set, signal);
}

UNUSED static int is_pending(int signal) {
  sigset_t set;
  sigpending(&set);
  return sigismember(&set, signal);
}

/** Installs a handler with flags and an empty mask. */
UNUSED static void handle(int signal, handler_t handler, int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  if (sigaction(signal, &action, NULL) != 0) say("sigaction failed: %s", name_of(errno));
}

/** The same with SA_SIGINFO. */
UNUSED static void handle_info(int signal, info_handler_t handler, int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handler;
  action.sa_flags = flags | SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  if (sigaction(signal, &action, NULL) != 0) say("sigaction failed: %s", name_of(errno));
}

/** Starts an interval timer: first after so many milliseconds, then again and again, or once for interval 0. */
UNUSED static void start_itimer(int which, int value_ms, int interval_ms) {
  struct itimerval timer = {
      .it_value = {.tv_sec = value_ms / 1000, .tv_usec = value_ms % 1000 * 1000},
      .it_interval = {.tv_sec = interval_ms / 1000, .tv_usec = interval_ms % 1000 * 1000},
  };
  if (setitimer(which, &timer, NULL) != 0) say("setitimer failed: %s", name_of(errno));
}

UNUSED static struct timespec milliseconds(int ms) {
  return (struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
}

/** Creates a timer on the monotonic clock that sends a signal with a value. */
UNUSED static timer_t new_timer(int signal, int value) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = signal;
  event.sigev_value.sival_int = value;
  timer_t timer;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) say("timer_create failed: %s", name_of(errno));
  return timer;
}

UNUSED static void start_timer(timer_t timer, int value_ms, int interval_ms) {
  struct itimerspec times = {.it_value = milliseconds(value_ms), .it_interval = milliseconds(interval_ms)};
  if (timer_settime(timer, 0, &times, NULL) != 0) say("timer_settime failed: %s", name_of(errno));
}

/** Milliseconds on the monotonic clock. */
UNUSED static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/** Sleeps so long, whatever comes in between. */
UNUSED static void sleep_ms(int ms) {
  struct timespec rest = milliseconds(ms);
  while (nanosleep(&rest, &rest) != 0) {
  }
}

#endif
