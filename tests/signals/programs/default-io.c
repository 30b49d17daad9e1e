// signal(7): the default action of SIGIO, whose default POSIX leaves open, ends the program on Linux.
#include "program.h"

int main(void) {
  raise(SIGIO);
  say("not reached");
  return 0;
}
