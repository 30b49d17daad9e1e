// killpg(3): a group by its number, here the program's own.
#include "program.h"

static volatile sig_atomic_t count;

static void on_signal(int number) { (void)number, count++; }

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  say_result("killpg", killpg(getpgrp(), SIGUSR1));
  say_result("kill", kill(-getpgrp(), SIGUSR1));
  say_result("nothing sent", killpg(getpgrp(), 0));
  say_result("no such signal", killpg(getpgrp(), 65));
  say("handled %d", (int)count);
  return 0;
}
