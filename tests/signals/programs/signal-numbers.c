// signal(7): the numbers on x86 and ARM, and the range of real-time signals that glibc leaves to programs.
#include "program.h"

int main(void) {
  say("%d %d %d %d %d %d %d %d", SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE);
  say("%d %d %d %d %d %d %d %d", SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT);
  say("%d %d %d %d %d %d %d %d", SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU);
  say("%d %d %d %d %d %d %d", SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS);
  say("%d to %d", SIGRTMIN, SIGRTMAX);
  return 0;
}
