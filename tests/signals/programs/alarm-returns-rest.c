// alarm(2): returns the seconds that were left of the former alarm, which it replaces; alarm(0) cancels.
#include "program.h"

int main(void) {
  say("none before: %u", alarm(100));
  say("left: %u", alarm(50));
  say("left: %u", alarm(0));
  say("none left: %u", alarm(0));
  return 0;
}
