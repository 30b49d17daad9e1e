// signal-safety(7): a handler may end the program while it sleeps.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  _exit(9);
}

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 20, 0);
  sleep_ms(5000);
  return 0;
}
