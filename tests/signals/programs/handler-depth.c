// signal(7): handlers nest as deep as there are signals: thirty-one real-time signals, each raised by the last one's handler.
#include "program.h"

static volatile sig_atomic_t depth, deepest;

static void on_signal(int number) {
  if (++depth > deepest) deepest = depth;
  if (number < SIGRTMAX) raise(number + 1);
  depth--;
}

int main(void) {
  for (int number = SIGRTMIN; number <= SIGRTMAX; number++) handle(number, on_signal, 0);
  raise(SIGRTMIN);
  say("%d deep, back at %d", (int)deepest, (int)depth);
  return 0;
}
