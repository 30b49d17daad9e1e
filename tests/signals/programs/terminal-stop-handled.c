// signal(7): SIGTSTP, SIGTTIN and SIGTTOU can be handled or ignored, unlike SIGSTOP.
#include "program.h"

static void on_signal(int number) { say("TSTP %d, TTIN %d", number == SIGTSTP, number == SIGTTIN); }

int main(void) {
  handle(SIGTSTP, on_signal, 0);
  handle(SIGTTIN, on_signal, 0);
  handle(SIGTTOU, SIG_IGN, 0);
  raise(SIGTSTP);
  raise(SIGTTIN);
  raise(SIGTTOU);
  say("not stopped");
  return 0;
}
