// signal(7): an ignored signal has no effect and does not become pending.
#include "program.h"

int main(void) {
  handle(SIGTERM, SIG_IGN, 0);
  say_result("raise", raise(SIGTERM));
  say("pending: %d", is_pending(SIGTERM));
  return 0;
}
