// signal(7): pause() ends with EINTR also under SA_RESTART.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  handle(SIGALRM, on_signal, SA_RESTART);
  start_itimer(ITIMER_REAL, 20, 20);
  say_result("pause", pause());
  return 0;
}
