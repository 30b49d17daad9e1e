// read(2), signal(7): EINTR when a handler without SA_RESTART runs before anything was read.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  char byte;
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("read", (int)read(0, &byte, 1));
  return 0;
}
