// setitimer(2), signal(7): the default action of SIGVTALRM ends the program.
#include "program.h"

int main(void) {
  start_itimer(ITIMER_VIRTUAL, 10, 0);
  for (;;) {
  }
}
