// signal(7): an instruction that there is not raises SIGILL.
#include "program.h"

static void on_signal(int number) {
  say("SIGILL: %d", number == SIGILL);
  _exit(4);
}

int main(void) {
  handle(SIGILL, on_signal, 0);
  __builtin_trap();
}
