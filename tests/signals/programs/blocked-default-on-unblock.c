// sigprocmask(2): a pending signal takes its default action before the call that unblocks it returns.
#include "program.h"

int main(void) {
  block(SIGTERM);
  raise(SIGTERM);
  say("still here");
  unblock(SIGTERM);
  say("not reached");
  return 0;
}
