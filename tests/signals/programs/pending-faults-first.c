// Linux: of pending signals those that faults raise (SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS) are taken first.
#include "program.h"

static void on_signal(int number) {
  say("HUP %d, SEGV %d, FPE %d", number == SIGHUP, number == SIGSEGV, number == SIGFPE);
}

int main(void) {
  sigset_t set = set_of(SIGHUP, SIGSEGV, SIGFPE);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_mask = set;
  sigaction(SIGHUP, &action, NULL);
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGFPE, &action, NULL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGHUP);
  raise(SIGSEGV);
  raise(SIGFPE);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}
