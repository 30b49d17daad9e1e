// signal(7): the default action of SIGPIPE ends the program.
#include "program.h"

int main(void) {
  raise(SIGPIPE);
  say("not reached");
  return 0;
}
