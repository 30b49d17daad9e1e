// signal(7): SIGCONT continues a stopped program even if it is ignored.
#include "program.h"

int main(void) {
  handle(SIGCONT, SIG_IGN, 0);
  start_timer(new_timer(SIGCONT, 0), 30, 0);
  raise(SIGSTOP);
  say("goes on");
  return 0;
}
