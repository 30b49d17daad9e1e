// siglongjmp(3): the mask that comes back is the one saved, whatever changed since.
#include <setjmp.h>
#include "tests/signals/programs/program.h"

static sigjmp_buf place;

static void on_signal(int number) {
  (void)number;
  siglongjmp(place, 1);
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  block(SIGHUP);
  if (sigsetjmp(place, 1) == 0) {
    block(SIGTERM);
    unblock(SIGHUP);
    raise(SIGUSR1);
  }
  say("HUP %d, TERM %d, USR1 %d", is_blocked(SIGHUP), is_blocked(SIGTERM), is_blocked(SIGUSR1));
  return 0;
}
