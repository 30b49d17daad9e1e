// signal(7): select() ends with EINTR when a handler runs, also under SA_RESTART.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  for (int round = 0; round < 2; round++) {
    fd_set readable;
    struct timeval timeout = {.tv_sec = 5};
    FD_ZERO(&readable);
    FD_SET(0, &readable);
    handle(SIGALRM, on_signal, round == 0 ? 0 : SA_RESTART);
    start_itimer(ITIMER_REAL, 20, 20);
    say_result("select", select(1, &readable, NULL, NULL, &timeout));
  }
  return 0;
}
