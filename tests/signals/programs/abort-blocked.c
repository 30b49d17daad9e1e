// abort(3): unblocks SIGABRT first.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  say("handled although blocked before");
}

int main(void) {
  handle(SIGABRT, on_signal, 0);
  block(SIGABRT);
  abort();
}
