// signal(7): the default action of an unhandled real-time signal ends the program.
#include "program.h"

int main(void) {
  raise(SIGRTMIN + 3);
  say("not reached");
  return 0;
}
