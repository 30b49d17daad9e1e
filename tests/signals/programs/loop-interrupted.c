// signal(7): a signal is delivered into a loop that calls nothing.
#include "program.h"

static volatile sig_atomic_t flag;

static void on_signal(int number) { flag = number; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  start_itimer(ITIMER_REAL, 10, 0);
  while (!flag) {
  }
  say("SIGALRM: %d", flag == SIGALRM);
  return 0;
}
