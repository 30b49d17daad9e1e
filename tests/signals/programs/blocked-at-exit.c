// exit(3): what is pending when the program ends has no effect on its exit status.
#include "program.h"

int main(void) {
  block(SIGTERM);
  raise(SIGTERM);
  say("pending: %d", is_pending(SIGTERM));
  return 5;
}
