// signal(7): so does a remainder.
#include "program.h"

static volatile unsigned zero;

static void on_signal(int number) { _exit(number == SIGFPE ? 4 : 5); }

int main(void) {
  handle(SIGFPE, on_signal, 0);
  say("%u", 1000u % zero);
  return 0;
}
