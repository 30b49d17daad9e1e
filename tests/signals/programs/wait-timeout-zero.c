// sigtimedwait(2): with a timeout of 0 it takes what is pending, or fails at once.
#include "program.h"

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0);
  struct timespec none = {0};
  block(SIGUSR1);
  say_result("nothing there", sigtimedwait(&set, NULL, &none));
  raise(SIGUSR1);
  say("USR1: %d", sigtimedwait(&set, NULL, &none) == SIGUSR1);
  say_result("nothing left", sigtimedwait(&set, NULL, &none));
  return 0;
}
