// timer_delete(2): a deleted timer does not expire, and its id is invalid.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  struct itimerspec now;
  handle(SIGUSR1, on_signal, 0);
  timer_t timer = new_timer(SIGUSR1, 0);
  start_timer(timer, 20, 20);
  say_result("timer_delete", timer_delete(timer));
  sleep_ms(60);
  say("handled %d", (int)count);
  say_result("timer_gettime", timer_gettime(timer, &now));
  say_result("timer_getoverrun", timer_getoverrun(timer));
  say_result("timer_delete", timer_delete(timer));
  return 0;
}
