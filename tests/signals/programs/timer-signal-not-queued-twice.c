// timer_create(2): one timer has at most one signal queued, also of a real-time signal.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGRTMIN, on_signal, 0);
  block(SIGRTMIN);
  timer_t timer = new_timer(SIGRTMIN, 0);
  start_timer(timer, 5, 5);
  sleep_ms(40);
  timer_delete(timer);
  unblock(SIGRTMIN);
  say("at most one: %d", count <= 1);
  return 0;
}
