// signal(7): so is one in a handler that interrupted a loop.
#include "program.h"

static volatile int zero;

static void on_fault(int number) { _exit(number == SIGFPE ? 6 : 7); }

static void on_alarm(int number) { say("%d", number / zero); }

int main(void) {
  handle(SIGFPE, on_fault, 0);
  handle(SIGALRM, on_alarm, 0);
  start_itimer(ITIMER_REAL, 10, 0);
  for (;;) {
  }
}
