// raise(3): raise(SIGABRT) is not abort(): when the handler returns, the program goes on.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("handled");
}

int main(void) {
  handle(SIGABRT, on_signal, 0);
  raise(SIGABRT);
  say("goes on");
  return 0;
}
