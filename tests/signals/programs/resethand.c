// sigaction(2), SA_RESETHAND: the action is the default again upon entry to the handler.
#include "program.h"

static void on_signal(int number) {
  struct sigaction now;
  sigaction(number, NULL, &now);
  say("in the handler, default: %d", now.sa_handler == SIG_DFL);
}

int main(void) {
  handle(SIGURG, on_signal, SA_RESETHAND);
  raise(SIGURG);
  say("once");
  raise(SIGURG);
  say("twice, ignored by default");
  return 0;
}
