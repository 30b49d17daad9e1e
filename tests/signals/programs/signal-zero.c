// kill(2), sigqueue(3): signal 0 sends nothing and only checks.
#include "program.h"

int main(void) {
  say_result("kill", kill(getpid(), 0));
  say_result("sigqueue", sigqueue(getpid(), 0, (union sigval){.sival_int = 1}));
  say_result("raise", raise(0));
  say("still here");
  return 0;
}
