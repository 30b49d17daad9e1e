// sigtimedwait(2): EAGAIN when nothing came in time.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0);
  struct timespec timeout = milliseconds(30);
  block(SIGUSR1);
  long long before = now_ms();
  say_result("sigtimedwait", sigtimedwait(&set, NULL, &timeout));
  say("30 ms later: %d", now_ms() - before >= 29);
  return 0;
}
