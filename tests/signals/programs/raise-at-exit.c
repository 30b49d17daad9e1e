// atexit(3): signals are delivered in functions that run at the program's end too.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("handled");
}

static void at_exit(void) {
  say("at exit");
  raise(SIGUSR1);
}

int main(void) {
  handle(SIGUSR1, on_signal, 0);
  atexit(at_exit);
  return 3;
}
