// abort(3): a handler that does not return decides how the program ends.
#include "program.h"

static void on_signal(int number) {
  (void)number;
  _exit(5);
}

int main(void) {
  handle(SIGABRT, on_signal, 0);
  abort();
}
