// select(2): a blocked signal does not end it; after its time no descriptor is ready.
#include "program.h"

static void on_signal(int number) { (void)number; }

int main(void) {
  fd_set readable;
  struct timeval timeout = {.tv_usec = 40000};
  handle(SIGALRM, on_signal, 0);
  block(SIGALRM);
  start_itimer(ITIMER_REAL, 5, 5);
  FD_ZERO(&readable);
  FD_SET(0, &readable);
  int result = select(1, &readable, NULL, NULL, &timeout);
  say_result("select", result);
  say("readable: %d", !!FD_ISSET(0, &readable));
  return 0;
}
