// POSIX 2.4.1: generating a stop signal discards a pending SIGCONT, and SIGCONT discards all pending stop signals.
#include "program.h"

int main(void) {
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGCONT);
  say("CONT %d", is_pending(SIGCONT));
  raise(SIGTSTP);
  raise(SIGTTIN);
  say("CONT %d, TSTP %d, TTIN %d", is_pending(SIGCONT), is_pending(SIGTSTP), is_pending(SIGTTIN));
  raise(SIGCONT);
  say("CONT %d, TSTP %d, TTIN %d", is_pending(SIGCONT), is_pending(SIGTSTP), is_pending(SIGTTIN));
  return 0;
}
