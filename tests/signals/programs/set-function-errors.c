// sigsetops(3): EINVAL for a number that is not a signal.
#include "program.h"

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  static const int numbers[] = {0, 65, -1};
  for (int i = 0; i < 3; i++) {
    say_result("sigaddset", sigaddset(&set, numbers[i]));
    say_result("sigdelset", sigdelset(&set, numbers[i]));
    say_result("sigismember", sigismember(&set, numbers[i]));
  }
  return 0;
}
