// clock(3): the processor time that was used, which sleep does not add to and a loop does.
#include "program.h"

static volatile sig_atomic_t done;

static void on_signal(int number) { done = number; }

int main(void) {
  clock_t before = clock();
  sleep_ms(200);
  say("sleep took less than 100 ms: %d", clock() - before < CLOCKS_PER_SEC / 10);
  handle(SIGVTALRM, on_signal, 0);
  start_itimer(ITIMER_VIRTUAL, 50, 0);
  before = clock();
  while (!done) {
  }
  say("50 ms of work took at least 20: %d", clock() - before >= CLOCKS_PER_SEC / 50);
  return 0;
}
