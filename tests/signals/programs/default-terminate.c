// signal(7): the default action of SIGTERM ends the program, also while it sleeps.
#include "program.h"

int main(void) {
  start_timer(new_timer(SIGTERM, 0), 10, 0);
  sleep_ms(3000);
  say("not reached");
  return 0;
}
