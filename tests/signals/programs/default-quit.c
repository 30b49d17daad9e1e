// signal(7): the default action of SIGQUIT ends the program (with a core dump, if those are on).
#include "program.h"

int main(void) {
  say_result("kill", kill(getpid(), SIGQUIT));
  return 0;
}
