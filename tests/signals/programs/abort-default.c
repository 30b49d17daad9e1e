// abort(3): ends the program by SIGABRT.
#include "program.h"

int main(void) {
  say("before");
  abort();
}
