// sigwait(3), glibc: a handler of another signal does not end the wait.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  sigset_t set = set_of(SIGUSR1, 0, 0);
  int number = 0;
  block(SIGUSR1);
  handle(SIGUSR2, on_signal, 0);
  start_timer(new_timer(SIGUSR2, 0), 10, 0);
  start_timer(new_timer(SIGUSR1, 0), 60, 0);
  int result = sigwait(&set, &number);
  say("%d, USR1 %d, handled %d", result, number == SIGUSR1, (int)count);
  return 0;
}
