// alarm(2): SIGALRM after so many seconds, once.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  say("%u", alarm(1));
  while (count == 0) {
  }
  say("handled %d, left %u", (int)count, alarm(0));
  return 0;
}
