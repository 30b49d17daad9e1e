// sigsuspend(2): a signal with a default action ends the program in the wait.
#include "program.h"

int main(void) {
  sigset_t none;
  sigemptyset(&none);
  start_timer(new_timer(SIGTERM, 0), 10, 0);
  sigsuspend(&none);
  say("not reached");
  return 0;
}
