// atexit(3), signal(7): a signal that ends the program there decides the exit status.
#include "program.h"

static void at_exit(void) {
  say("at exit");
  raise(SIGTERM);
  say("not reached");
}

int main(void) {
  atexit(at_exit);
  return 3;
}
