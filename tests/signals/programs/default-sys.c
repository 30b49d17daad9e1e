// signal(7): the default action of SIGSYS ends the program (core).
#include "program.h"

int main(void) {
  raise(SIGSYS);
  say("not reached");
  return 0;
}
