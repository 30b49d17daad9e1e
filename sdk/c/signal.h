/**
 * @file signal.h
 * POSIX signals for programs that run on wirq: give the compiler `-isystem sdk/c`, and an ordinary program that uses
 * signals compiles unchanged, with this file in place of wasi-libc's.
 *
 * Follows POSIX.1-2024, <signal.h>, with Linux's numbers, values and member names (signal(7)). The layouts are those of
 * docs/signals.md. SIG_IGN and SIG_HOLD are not 1 and 2, which on Wasm are functions.
 * Leaves out SIGEV_THREAD and what needs other processes or threads.
 *
 * Functions are weak definitions, so that a program and a library that both define one of them go together; the linker
 * drops those that nobody calls, and with them their imports.
 */
#ifndef _SIGNAL_H
#define _SIGNAL_H

#pragma GCC system_header

#ifndef __wasm__
#error "this signal.h is for programs that run on wirq: compile with --target=wasm32-wasip1"
#endif

#include <errno.h>
#include <features.h>

#define __NEED_size_t
#define __NEED_pid_t
#define __NEED_uid_t
#define __NEED_struct_timespec
#define __NEED_pthread_t
#define __NEED_pthread_attr_t
#define __NEED_time_t
#define __NEED_clock_t
#define __NEED_sigset_t

#include <bits/alltypes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define __WIRQ_SIGNAL(name) __attribute__((import_module("wirq/signal"), import_name(#name)))
#define __WIRQ_WEAK __attribute__((weak))

/* Numbers: Linux's on x86-64 and ARM. */

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGIOT SIGABRT
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGSTKFLT 16
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGIO 29
#define SIGPOLL SIGIO
#define SIGPWR 30
#define SIGSYS 31
#define SIGRTMIN 34
#define SIGRTMAX 64
#define _NSIG 65
#define NSIG _NSIG

typedef int sig_atomic_t;
typedef void (*sighandler_t)(int);
typedef void (*sig_t)(int);

#define SIG_DFL ((void (*)(int))0)
#define SIG_ERR ((void (*)(int))-1)
#define SIG_IGN ((void (*)(int))-2)
#define SIG_HOLD ((void (*)(int))-3)

/* Sets. */

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

/* Where a signal came from: si_code. */

#define SI_USER 0
#define SI_KERNEL 128
#define SI_QUEUE (-1)
#define SI_TIMER (-2)
#define SI_MESGQ (-3)
#define SI_ASYNCIO (-4)
#define SI_SIGIO (-5)
#define SI_TKILL (-6)

#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7
#define FPE_FLTSUB 8

#define ILL_ILLOPC 1
#define ILL_ILLOPN 2
#define ILL_ILLADR 3
#define ILL_ILLTRP 4
#define ILL_PRVOPC 5
#define ILL_PRVREG 6
#define ILL_COPROC 7
#define ILL_BADSTK 8

#define SEGV_MAPERR 1
#define SEGV_ACCERR 2

#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define BUS_OBJERR 3

#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_TRAPPED 4
#define CLD_STOPPED 5
#define CLD_CONTINUED 6

#define TRAP_BRKPT 1
#define TRAP_TRACE 2

#define POLL_IN 1
#define POLL_OUT 2
#define POLL_MSG 3
#define POLL_ERR 4
#define POLL_PRI 5
#define POLL_HUP 6

union sigval {
  int sival_int;
  void *sival_ptr;
};
typedef union sigval sigval_t;

typedef struct {
  int si_signo, si_errno, si_code;
  union {
    char __pad[128 - 3 * sizeof(int)];
    struct {
      union {
        struct {
          pid_t si_pid;
          uid_t si_uid;
        } __piduid;
        struct {
          int si_timerid;
          int si_overrun;
        } __timer;
      } __first;
      union {
        union sigval si_value;
        int si_status;
      } __second;
    } __si_common;
    void *si_addr;
    struct {
      long si_band;
      int si_fd;
    } __sigpoll;
  } __si_fields;
} siginfo_t;

#define si_pid __si_fields.__si_common.__first.__piduid.si_pid
#define si_uid __si_fields.__si_common.__first.__piduid.si_uid
#define si_timerid __si_fields.__si_common.__first.__timer.si_timerid
#define si_overrun __si_fields.__si_common.__first.__timer.si_overrun
#define si_value __si_fields.__si_common.__second.si_value
#define si_status __si_fields.__si_common.__second.si_status
#define si_int si_value.sival_int
#define si_ptr si_value.sival_ptr
#define si_addr __si_fields.si_addr
#define si_band __si_fields.__sigpoll.si_band
#define si_fd __si_fields.__sigpoll.si_fd

/* Dispositions. */

#define SA_NOCLDSTOP 1
#define SA_NOCLDWAIT 2
#define SA_SIGINFO 4
#define SA_ONSTACK 0x08000000
#define SA_RESTART 0x10000000
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000
#define SA_NOMASK SA_NODEFER
#define SA_ONESHOT SA_RESETHAND

struct sigaction {
  union {
    void (*sa_handler)(int);
    void (*sa_sigaction)(int, siginfo_t *, void *);
  } __sa_handler;
  sigset_t sa_mask;
  int sa_flags;
  void (*sa_restorer)(void);
};
#define sa_handler __sa_handler.sa_handler
#define sa_sigaction __sa_handler.sa_sigaction

/* Stacks. */

#define SS_ONSTACK 1
#define SS_DISABLE 2
#define MINSIGSTKSZ 2048
#define SIGSTKSZ 8192

typedef struct sigaltstack {
  void *ss_sp;
  int ss_flags;
  size_t ss_size;
} stack_t;

/* What a timer does when it expires. */

#define SIGEV_SIGNAL 0
#define SIGEV_NONE 1
#define SIGEV_THREAD 2
#define SIGEV_THREAD_ID 4

struct sigevent {
  union sigval sigev_value;
  int sigev_signo;
  int sigev_notify;
  union {
    char __pad[64 - 2 * sizeof(int) - sizeof(union sigval)];
    pid_t sigev_notify_thread_id;
    struct {
      void (*sigev_notify_function)(union sigval);
      pthread_attr_t *sigev_notify_attributes;
    } __sev_thread;
  } __sev_fields;
};
#define sigev_notify_thread_id __sev_fields.sigev_notify_thread_id
#define sigev_notify_function __sev_fields.__sev_thread.sigev_notify_function
#define sigev_notify_attributes __sev_fields.__sev_thread.sigev_notify_attributes

/* The machine: each answers 0 or its value, or a negative errno. */

__WIRQ_SIGNAL(sigaction) int __wirq_sigaction(int, const struct sigaction *, struct sigaction *);
__WIRQ_SIGNAL(sigprocmask) int __wirq_sigprocmask(int, const sigset_t *, sigset_t *);
__WIRQ_SIGNAL(sigpending) int __wirq_sigpending(sigset_t *);
__WIRQ_SIGNAL(sigsuspend) int __wirq_sigsuspend(const sigset_t *);
__WIRQ_SIGNAL(sigtimedwait) int __wirq_sigtimedwait(const sigset_t *, siginfo_t *, long long);
__WIRQ_SIGNAL(sigqueue) int __wirq_sigqueue(int, int, int);
__WIRQ_SIGNAL(kill) int __wirq_kill(int, int);
__WIRQ_SIGNAL(raise) int __wirq_raise(int);
__WIRQ_SIGNAL(sigaltstack) int __wirq_sigaltstack(const stack_t *, stack_t *);

static inline int __wirq_answer(int result) {
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

/* Sets. */

static inline int __wirq_bad_signal(int sig) {
  if (sig >= 1 && sig < _NSIG) return 0;
  errno = EINVAL;
  return 1;
}

static inline int sigemptyset(sigset_t *set) {
  set->__bits = 0;
  return 0;
}

static inline int sigfillset(sigset_t *set) {
  set->__bits = ~0ULL & ~(3ULL << 31); /* 32 and 33 belong to the C library on Linux */
  return 0;
}

static inline int sigaddset(sigset_t *set, int sig) {
  if (__wirq_bad_signal(sig)) return -1;
  set->__bits |= 1ULL << (sig - 1);
  return 0;
}

static inline int sigdelset(sigset_t *set, int sig) {
  if (__wirq_bad_signal(sig)) return -1;
  set->__bits &= ~(1ULL << (sig - 1));
  return 0;
}

static inline int sigismember(const sigset_t *set, int sig) {
  if (__wirq_bad_signal(sig)) return -1;
  return (int)(set->__bits >> (sig - 1) & 1);
}

static inline int sigisemptyset(const sigset_t *set) { return set->__bits == 0; }

static inline int sigorset(sigset_t *to, const sigset_t *left, const sigset_t *right) {
  to->__bits = left->__bits | right->__bits;
  return 0;
}

static inline int sigandset(sigset_t *to, const sigset_t *left, const sigset_t *right) {
  to->__bits = left->__bits & right->__bits;
  return 0;
}

/* Dispositions. */

__WIRQ_WEAK int sigaction(int sig, const struct sigaction *__restrict act, struct sigaction *__restrict old) {
  return __wirq_answer(__wirq_sigaction(sig, act, old));
}

/** As glibc's: the handler stays, the signal is blocked in it, and interrupted calls are restarted. */
__WIRQ_WEAK void (*signal(int sig, void (*handler)(int)))(int) {
  struct sigaction act, old;
  act.sa_handler = handler;
  act.sa_mask.__bits = 0;
  act.sa_flags = SA_RESTART;
  return sigaction(sig, &act, &old) == 0 ? old.sa_handler : SIG_ERR;
}

__WIRQ_WEAK void (*bsd_signal(int sig, void (*handler)(int)))(int) { return signal(sig, handler); }

__WIRQ_WEAK int siginterrupt(int sig, int interrupts) {
  struct sigaction act;
  if (sigaction(sig, (const struct sigaction *)0, &act) != 0) return -1;
  if (interrupts) act.sa_flags &= ~SA_RESTART;
  else act.sa_flags |= SA_RESTART;
  return sigaction(sig, &act, (struct sigaction *)0);
}

/* Sending. */

__WIRQ_WEAK int raise(int sig) { return __wirq_answer(__wirq_raise(sig)); }
__WIRQ_WEAK int kill(pid_t pid, int sig) { return __wirq_answer(__wirq_kill(pid, sig)); }

__WIRQ_WEAK int killpg(pid_t group, int sig) {
  if (group < 0) return __wirq_answer(-EINVAL);
  return kill(-group, sig);
}

__WIRQ_WEAK int sigqueue(pid_t pid, int sig, const union sigval value) {
  return __wirq_answer(__wirq_sigqueue(pid, sig, value.sival_int));
}

/* Masks and waiting. */

__WIRQ_WEAK int sigprocmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old) {
  return __wirq_answer(__wirq_sigprocmask(how, set, old));
}

__WIRQ_WEAK int pthread_sigmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old) {
  return -__wirq_sigprocmask(how, set, old);
}

__WIRQ_WEAK int pthread_kill(pthread_t thread, int sig) {
  (void)thread; /* there is only one */
  return -__wirq_raise(sig);
}

__WIRQ_WEAK int sigpending(sigset_t *set) { return __wirq_answer(__wirq_sigpending(set)); }
__WIRQ_WEAK int sigsuspend(const sigset_t *mask) { return __wirq_answer(__wirq_sigsuspend(mask)); }

__WIRQ_WEAK int sigtimedwait(const sigset_t *__restrict set, siginfo_t *__restrict info,
                             const struct timespec *__restrict timeout) {
  long long ns = -1;
  if (timeout != (const struct timespec *)0) {
    if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec > 999999999) return __wirq_answer(-EINVAL);
    ns = timeout->tv_sec > 9000000000 ? -1 : timeout->tv_sec * 1000000000 + timeout->tv_nsec;
  }
  return __wirq_answer(__wirq_sigtimedwait(set, info, ns));
}

__WIRQ_WEAK int sigwaitinfo(const sigset_t *__restrict set, siginfo_t *__restrict info) {
  return __wirq_answer(__wirq_sigtimedwait(set, info, -1));
}

__WIRQ_WEAK int sigwait(const sigset_t *__restrict set, int *__restrict sig) {
  int result;
  do result = __wirq_sigtimedwait(set, (siginfo_t *)0, -1);
  while (result == -EINTR);
  if (result < 0) return -result;
  *sig = result;
  return 0;
}

/* Stacks. */

__WIRQ_WEAK int sigaltstack(const stack_t *__restrict stack, stack_t *__restrict old) {
  return __wirq_answer(__wirq_sigaltstack(stack, old));
}

/* The older interface of System V. */

static inline int __wirq_mask_one(int how, int sig) {
  sigset_t set;
  sigemptyset(&set);
  return sigaddset(&set, sig) == 0 ? sigprocmask(how, &set, (sigset_t *)0) : -1;
}

__WIRQ_WEAK int sighold(int sig) { return __wirq_mask_one(SIG_BLOCK, sig); }
__WIRQ_WEAK int sigrelse(int sig) { return __wirq_mask_one(SIG_UNBLOCK, sig); }

__WIRQ_WEAK int sigignore(int sig) {
  struct sigaction act;
  act.sa_handler = SIG_IGN;
  act.sa_mask.__bits = 0;
  act.sa_flags = 0;
  return sigaction(sig, &act, (struct sigaction *)0);
}

__WIRQ_WEAK int sigpause(int sig) {
  sigset_t mask;
  if (sigprocmask(SIG_BLOCK, (const sigset_t *)0, &mask) != 0 || sigdelset(&mask, sig) != 0) return -1;
  return sigsuspend(&mask);
}

__WIRQ_WEAK void (*sigset(int sig, void (*handler)(int)))(int) {
  struct sigaction act, old;
  sigset_t mask;
  if (sigprocmask(SIG_BLOCK, (const sigset_t *)0, &mask) != 0) return SIG_ERR;
  int held = sigismember(&mask, sig);
  if (held < 0 || sigaction(sig, (const struct sigaction *)0, &old) != 0) return SIG_ERR;
  if (handler == SIG_HOLD) {
    if (sighold(sig) != 0) return SIG_ERR;
  } else {
    act.sa_handler = handler;
    act.sa_mask.__bits = 0;
    act.sa_flags = 0;
    if (sigaction(sig, &act, (struct sigaction *)0) != 0 || sigrelse(sig) != 0) return SIG_ERR;
  }
  return held ? SIG_HOLD : old.sa_handler;
}

/* Names. */

__WIRQ_WEAK char *strsignal(int sig) {
  static const char names[] = "Hangup\0Interrupt\0Quit\0Illegal instruction\0Trace/breakpoint trap\0Aborted\0Bus error\0"
                              "Floating point exception\0Killed\0User defined signal 1\0Segmentation fault\0"
                              "User defined signal 2\0Broken pipe\0Alarm clock\0Terminated\0Stack fault\0Child exited\0"
                              "Continued\0Stopped (signal)\0Stopped\0Stopped (tty input)\0Stopped (tty output)\0"
                              "Urgent I/O condition\0CPU time limit exceeded\0File size limit exceeded\0"
                              "Virtual timer expired\0Profiling timer expired\0Window changed\0I/O possible\0"
                              "Power failure\0Bad system call";
  static char other[] = "Real-time signal 00";
  static char unknown[] = "Unknown signal";
  if (sig >= 1 && sig <= 31) {
    const char *name = names;
    while (--sig > 0)
      while (*name++ != 0) {
      }
    return (char *)name;
  }
  if (sig < SIGRTMIN || sig > SIGRTMAX) return unknown;
  int distance = sig - SIGRTMIN;
  char *digit = other + sizeof other - 3;
  if (distance >= 10) *digit++ = (char)('0' + distance / 10);
  *digit++ = (char)('0' + distance % 10);
  *digit = 0;
  return other;
}

/** As POSIX has it, so that a failed assertion in the C library raises SIGABRT too. */
__WIRQ_WEAK __attribute__((noreturn)) void abort(void) {
  __wirq_mask_one(SIG_UNBLOCK, SIGABRT);
  __wirq_raise(SIGABRT);
  signal(SIGABRT, SIG_DFL); /* the handler has returned, or there is none */
  __wirq_raise(SIGABRT);
  __builtin_trap();
}

#ifdef __cplusplus
}
#endif

#include <ucontext.h>

#endif
