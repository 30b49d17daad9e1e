// signal(7): SIGCHLD, SIGURG and SIGWINCH are ignored by default, and SIGCONT has no effect on a program that runs.
#include "program.h"

int main(void) {
  static const int numbers[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
  for (int i = 0; i < 4; i++) say_result("raise", raise(numbers[i]));
  say("still here");
  return 0;
}
