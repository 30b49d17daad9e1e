// setitimer(2): while SIGALRM is blocked the expirations coalesce into one.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGALRM, on_signal, 0);
  block(SIGALRM);
  start_itimer(ITIMER_REAL, 5, 5);
  sleep_ms(40);
  start_itimer(ITIMER_REAL, 0, 0);
  unblock(SIGALRM);
  say("handled %d", (int)count);
  return 0;
}
