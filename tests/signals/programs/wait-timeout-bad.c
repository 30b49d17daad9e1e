// sigtimedwait(2): EINVAL for a timeout that is none.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0);
  struct timespec bad = {.tv_sec = 0, .tv_nsec = 1000000000}, negative = {.tv_sec = -1, .tv_nsec = 0};
  block(SIGUSR1);
  say_result("too many nanoseconds", sigtimedwait(&set, NULL, &bad));
  say_result("negative", sigtimedwait(&set, NULL, &negative));
  return 0;
}
