// signal(7): handlers of different signals interrupt a loop and each other's loops.
#include "program.h"

static volatile sig_atomic_t inner, done;
static timer_t timer;

static void on_timer(int number) {
  (void)number;
  inner = 1;
}

static void on_alarm(int number) {
  (void)number;
  start_timer(timer, 10, 0);
  say("outer handler waits");
  while (!inner) {
  }
  say("outer handler goes on");
  done = 1;
}

int main(void) {
  handle(SIGALRM, on_alarm, 0);
  handle(SIGUSR1, on_timer, 0);
  timer = new_timer(SIGUSR1, 0);
  start_itimer(ITIMER_REAL, 10, 0);
  while (!done) {
  }
  say("done");
  return 0;
}
