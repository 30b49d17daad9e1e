// signal(7): SIGKILL ends the program in the middle of a loop, with everything else blocked.
#include "program.h"

int main(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  start_timer(new_timer(SIGKILL, 0), 10, 0);
  for (;;) {
  }
}
