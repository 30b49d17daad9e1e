// signal(7): the default action of SIGINT ends the program, here from a timer in the middle of a loop.
#include "program.h"

int main(void) {
  start_timer(new_timer(SIGINT, 0), 10, 0);
  for (;;) {
  }
}
