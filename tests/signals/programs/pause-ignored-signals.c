// pause(2): signals that are ignored, or blocked, do not end it.
#include "program.h"

static volatile sig_atomic_t flag;

static void on_signal(int number) { flag = number; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  handle(SIGUSR2, on_signal, 0);
  block(SIGUSR2);
  start_timer(new_timer(SIGWINCH, 0), 5, 5);
  start_timer(new_timer(SIGUSR2, 0), 10, 0);
  start_timer(new_timer(SIGUSR1, 0), 60, 60);
  say_result("pause", pause());
  say("USR1: %d, USR2 pending: %d", flag == SIGUSR1, is_pending(SIGUSR2));
  return 0;
}
