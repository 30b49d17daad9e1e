// sigaltstack(2): each delivery starts at the stack's top again, and leaves the interrupted code's arrays alone.
#include "program.h"

static char stack[65536];
static volatile uintptr_t places[15];
static volatile sig_atomic_t count;

static void on_signal(int number) {
  volatile char scratch[2000];
  for (unsigned i = 0; i < sizeof scratch; i++) scratch[i] = (char)number;
  if (count < 15) places[count++] = (uintptr_t)scratch;
}

int main(void) {
  volatile int cells[200];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  handle(SIGALRM, on_signal, SA_ONSTACK);
  for (int i = 0; i < 200; i++) cells[i] = i;
  start_itimer(ITIMER_REAL, 5, 5);
  while (count < 15) {
  }
  start_itimer(ITIMER_REAL, 0, 0);
  int wrong = 0, moved = 0;
  for (int i = 0; i < 200; i++) wrong += cells[i] != i;
  for (int i = 1; i < 15; i++) moved += places[i] != places[0];
  say("wrong cells %d, moved %d times", wrong, moved);
  return 0;
}
