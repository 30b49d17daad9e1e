// abort(3): a handler that returns does not save the program: the default action follows.
#include "program.h"

static void on_signal(int number) { say("SIGABRT handled: %d", number == SIGABRT); }

int main(void) {
  handle(SIGABRT, on_signal, 0);
  abort();
}
