// signal(7): SIGCONT continues a stopped program whether it is handled or not, and its handler runs then.
#include "program.h"

static void on_signal(int number) { say("SIGCONT handled: %d", number == SIGCONT); }

int main(void) {
  handle(SIGCONT, on_signal, 0);
  start_timer(new_timer(SIGCONT, 0), 30, 0);
  raise(SIGSTOP);
  say("after the stop");
  return 0;
}
