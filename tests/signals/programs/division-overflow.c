// signal(7): the quotient of the smallest integer and -1 does not fit, which raises SIGFPE on x86.
#include "program.h"

static volatile int smallest = -2147483647 - 1, minus_one = -1;

static void on_signal(int number) { _exit(number == SIGFPE ? 4 : 5); }

int main(void) {
  handle(SIGFPE, on_signal, 0);
  say("%d", smallest / minus_one);
  return 0;
}
