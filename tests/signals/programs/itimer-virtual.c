// setitimer(2): ITIMER_VIRTUAL counts the program's own work and sends SIGVTALRM, again and again.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGVTALRM, on_signal, 0);
  start_itimer(ITIMER_VIRTUAL, 10, 10);
  while (count < 3) {
  }
  start_itimer(ITIMER_VIRTUAL, 0, 0);
  say("three times");
  return 0;
}
