// signal-safety(7): _exit() may be called from a handler.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  _exit(7);
}

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 10, 0);
  for (;;) {
  }
}
