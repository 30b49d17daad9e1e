// build: clang -isystem sdk/c -mexec-model=reactor
// Loops for signal-cost.ts: a signal raised and handled, the same handler called by the host, a pair of changes of the mask,
// and a loop into which a timer's signals are delivered.
#include <signal.h>
#include <sys/time.h>
#define EXPORT(name) __attribute__((export_name(#name)))

__attribute__((import_module("bench"), import_name("nested"))) void nested(int signal);

static volatile unsigned handled;

EXPORT(handle) void handle(int signal) {
  (void)signal;
  handled++;
}

EXPORT(calls) unsigned calls(unsigned n) {
  handled = 0;
  for (unsigned i = 0; i < n; i++) nested(SIGUSR1);
  return handled;
}

EXPORT(signals) unsigned signals(unsigned n) {
  handled = 0;
  signal(SIGUSR1, handle);
  for (unsigned i = 0; i < n; i++) raise(SIGUSR1);
  return handled;
}

EXPORT(masks) unsigned masks(unsigned n) {
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  for (unsigned i = 0; i < n; i++) {
    sigprocmask(SIG_BLOCK, &set, &before);
    sigprocmask(SIG_SETMASK, &before, (sigset_t *)0);
  }
  return n;
}

static unsigned spin(unsigned n) {
  static volatile unsigned cell;
  for (unsigned i = 0; i < n; i++) cell = cell * 3 + i;
  return n;
}

EXPORT(quiet) unsigned quiet(unsigned n) { return spin(n); }

EXPORT(timed) unsigned timed(unsigned n) {
  struct itimerval every = {{0, 1}, {0, 1}};
  handled = 0;
  signal(SIGALRM, handle);
  setitimer(ITIMER_REAL, &every, (struct itimerval *)0);
  spin(n);
  every.it_value.tv_usec = 0;
  setitimer(ITIMER_REAL, &every, (struct itimerval *)0);
  return handled;
}
