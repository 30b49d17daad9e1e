// timer_settime(2): without an interval it expires once, and then reads zero.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  struct itimerspec now;
  handle(SIGUSR1, on_signal, 0);
  timer_t timer = new_timer(SIGUSR1, 0);
  start_timer(timer, 10, 0);
  sleep_ms(60);
  say_result("timer_gettime", timer_gettime(timer, &now));
  say("handled %d, zero: %d", (int)count, now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);
  return 0;
}
