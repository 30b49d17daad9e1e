// alarm(2): a cancelled alarm does not come.
#include "program.h"

int main(void) {
  alarm(1);
  alarm(0);
  sleep_ms(1100);
  say("still here");
  return 0;
}
