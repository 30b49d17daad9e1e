// signal(7): SIGSEGV sent by raise() ends the program as a fault would.
#include "program.h"

int main(void) {
  raise(SIGSEGV);
  say("not reached");
  return 0;
}
