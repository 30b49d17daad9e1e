// setitimer(2), signal(7): the default action of SIGPROF ends the program.
#include "program.h"

int main(void) {
  start_itimer(ITIMER_PROF, 10, 0);
  for (;;) {
  }
}
