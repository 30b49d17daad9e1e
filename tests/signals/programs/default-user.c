// signal(7): the default action of SIGUSR1 ends the program.
#include "program.h"

int main(void) {
  say_result("sigqueue", sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1}));
  return 0;
}
