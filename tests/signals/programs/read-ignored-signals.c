// read(2): signals that are ignored or blocked do not interrupt it.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  char byte;
  handle(SIGUSR1, SIG_IGN, 0);
  handle(SIGALRM, on_signal, 0);
  block(SIGUSR2);
  start_timer(new_timer(SIGUSR1, 0), 5, 5);
  start_timer(new_timer(SIGUSR2, 0), 10, 0);
  start_itimer(ITIMER_REAL, 60, 60);
  say_result("read", (int)read(0, &byte, 1));
  say("by the alarm: %d, USR2 pending: %d", count >= 1, is_pending(SIGUSR2));
  return 0;
}
