// ualarm(3): SIGALRM after microseconds, and again at an interval.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  say("%u", ualarm(5000, 5000));
  while (count < 3) {
  }
  ualarm(0, 0);
  say("three times");
  return 0;
}
