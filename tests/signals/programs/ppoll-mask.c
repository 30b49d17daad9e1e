// poll(2), ppoll(): waits with another mask, which is back when it returns.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  sigset_t none;
  struct timespec timeout = milliseconds(5000);
  sigemptyset(&none);
  handle(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  start_timer(new_timer(SIGUSR1, 0), 20, 0);
  say_result("ppoll", ppoll(NULL, 0, &timeout, &none));
  say("handled %d, blocked %d", (int)count, is_blocked(SIGUSR1));
  return 0;
}
