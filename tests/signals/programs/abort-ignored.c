// abort(3): ends the program although SIGABRT is ignored.
#include "program.h"

int main(void) {
  handle(SIGABRT, SIG_IGN, 0);
  raise(SIGABRT);
  say("raise() was ignored");
  abort();
}
