// POSIX 2.4.3: SIGKILL ends a stopped program; other signals do not.
#include "program.h"

int main(void) {
  start_timer(new_timer(SIGTERM, 0), 10, 0);
  start_timer(new_timer(SIGKILL, 0), 30, 0);
  raise(SIGSTOP);
  say("not reached");
  return 0;
}
