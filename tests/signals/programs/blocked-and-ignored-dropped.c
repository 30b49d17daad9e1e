// Linux: a signal that is blocked and ignored stays pending; unblocking it discards it.
#include "program.h"

int main(void) {
  handle(SIGUSR1, SIG_IGN, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  say("pending: %d", is_pending(SIGUSR1));
  unblock(SIGUSR1);
  say("pending: %d", is_pending(SIGUSR1));
  return 0;
}
