// sigsetops(3): empty, fill, add, delete, member, for standard and real-time signals.
#include "program.h"

int main(void) {
  sigset_t set;
  int members = 0;
  say_result("sigemptyset", sigemptyset(&set));
  for (int number = 1; number <= SIGRTMAX; number++) members += sigismember(&set, number);
  say("%d members", members);
  say_result("sigaddset", sigaddset(&set, SIGRTMAX));
  say_result("sigaddset", sigaddset(&set, 1));
  say_result("sigismember", sigismember(&set, SIGRTMAX));
  say_result("sigismember", sigismember(&set, SIGRTMAX - 1));
  say_result("sigdelset", sigdelset(&set, SIGRTMAX));
  say_result("sigismember", sigismember(&set, SIGRTMAX));
  say_result("sigfillset", sigfillset(&set));
  for (int number = 1; number <= SIGRTMAX; number++) members += sigismember(&set, number);
  say("%d members", members);
  return 0;
}
