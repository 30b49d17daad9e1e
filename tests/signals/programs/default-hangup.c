// signal(7): the default action of SIGHUP ends the program.
#include "program.h"

int main(void) {
  raise(SIGHUP);
  say("not reached");
  return 0;
}
