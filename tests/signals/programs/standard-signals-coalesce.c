// signal(7): several standard signals of one number, generated while it is blocked, are delivered once.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  block(SIGUSR1);
  for (int i = 0; i < 5; i++) say_result("kill", kill(getpid(), SIGUSR1));
  unblock(SIGUSR1);
  say("handled %d", (int)count);
  return 0;
}
