// sigprocmask(2): EINVAL for an unknown how; with set NULL it is not looked at.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGINT, 0, 0), old;
  say_result("how 99", sigprocmask(99, &set, NULL));
  say("blocked: %d", is_blocked(SIGINT));
  say_result("how 99, no set", sigprocmask(99, NULL, &old));
  return 0;
}
